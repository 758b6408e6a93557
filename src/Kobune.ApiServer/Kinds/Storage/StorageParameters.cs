using System.Text;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Who makes volumes, and what a class tells them.</summary>
internal static class StorageParameters
{
    private const int MaxCount = 512;
    private const int MaxBytes = 256 * 1024;

    public static void Provisioner(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, name);
            return;
        }

        errors.Names(path, name, NameValidation.QualifiedName(name.ToLowerInvariant()));
    }

    public static void Validate(IReadOnlyDictionary<string, string> parameters, FieldErrors errors)
    {
        if (parameters.Count > MaxCount)
        {
            errors.TooLong("parameters", MaxCount);
            return;
        }

        if (parameters.ContainsKey(""))
        {
            errors.Invalid("parameters", "", "field can not be empty.");
        }

        if (parameters.Sum(p => Encoding.UTF8.GetByteCount(p.Key) + Encoding.UTF8.GetByteCount(p.Value)) > MaxBytes)
        {
            errors.TooLong("parameters", MaxBytes);
        }
    }
}
