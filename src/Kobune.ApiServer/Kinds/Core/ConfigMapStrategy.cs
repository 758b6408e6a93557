using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Config maps.</summary>
internal sealed class ConfigMapStrategy : KindStrategy
{
    internal const int MaxBytes = 1024 * 1024;
    internal const string Sealed = "field is immutable when `immutable` is set";

    public override (string Group, string Resource) Resource => ("", "configmaps");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var map = obj.Read<ConfigMap>();
        long size = 0;
        foreach (var (key, value) in map.Data.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            errors.Names($"data[{key}]", key, NameValidation.ConfigMapKey(key));
            if (map.BinaryData.ContainsKey(key))
            {
                errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }

            size += Encoding.UTF8.GetByteCount(value);
        }

        foreach (var (key, value) in map.BinaryData.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            errors.Names($"binaryData[{key}]", key, NameValidation.ConfigMapKey(key));
            size += value.Length;
        }

        if (size > MaxBytes)
        {
            errors.TooLong("[]", MaxBytes); // upstream names no field, and its path of nothing shows as []
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ConfigMap>(), old.Read<ConfigMap>());
        if (before.Immutable == true)
        {
            if (now.Immutable != true)
            {
                errors.Forbidden("immutable", Sealed);
            }

            if (now with { BinaryData = before.BinaryData, Metadata = before.Metadata, Immutable = before.Immutable } != before)
            {
                errors.Forbidden("data", Sealed);
            }

            if (now with { Data = before.Data, Metadata = before.Metadata, Immutable = before.Immutable } != before)
            {
                errors.Forbidden("binaryData", Sealed);
            }
        }

        Validate(obj, errors);
    }
}
