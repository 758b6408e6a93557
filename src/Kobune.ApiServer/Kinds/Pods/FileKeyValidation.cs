using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>A variable out of a file (upstream's validateFileKeySelector and validateFileKeyRefVolumes): the file is in an emptyDir volume of the pod.</summary>
internal static class FileKeyValidation
{
    public static void Validate(FileKeySelector selector, string path, IReadOnlyDictionary<string, Volume> volumes, FieldErrors errors)
    {
        errors.RequiredName(path + ".key", selector.Key, NameValidation.EnvironmentVariableName);
        if (selector.Path.Length == 0)
        {
            errors.Required(path + ".path", "");
        }
        else
        {
            PathRules.Local(selector.Path, path + ".path", errors);
        }

        var before = errors.Items.Count;
        errors.RequiredName(path + ".volumeName", selector.VolumeName, NameValidation.Dns1123Label);
        if (errors.Items.Count > before)
        {
            return;
        }

        if (!volumes.TryGetValue(selector.VolumeName, out var volume))
        {
            errors.NotFound(path + ".volumeName", selector.VolumeName);
        }
        else if (volume.EmptyDir is null)
        {
            errors.Invalid(path + ".volumeName", selector.VolumeName, "referenced volume must be of type emptyDir");
        }
    }
}
