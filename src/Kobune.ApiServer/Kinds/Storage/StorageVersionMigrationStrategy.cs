using Kobune.Api;
using Kobune.Api.StorageMigration.V1Beta1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Orders to write all objects of a kind anew. Source: pkg/apis/storagemigration/validation.</summary>
internal sealed class StorageVersionMigrationStrategy : KindStrategy
{
    private const string Conditions = "status.conditions";

    public override (string Group, string Resource) Resource => ("storagemigration.k8s.io", "storageversionmigrations");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var resource = obj.Read<StorageVersionMigration>().Spec.Resource;
        if (resource.Resource.Length == 0)
        {
            errors.Required("spec.resource.resource", "resource is required to be set");
        }
        else if (NameValidation.Dns1035Label(resource.Resource) is { Count: > 0 } problems)
        {
            errors.Invalid("spec.resource.resource", resource.Resource, string.Join(",", problems));
        }

        if (resource.Group.Length > 0 && NameValidation.Dns1123Subdomain(resource.Group) is { Count: > 0 } wrong)
        {
            errors.Invalid("spec.resource.group", resource.Group, string.Join(",", wrong));
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<StorageVersionMigration>(), old.Read<StorageVersionMigration>());
        if (subresource == "status")
        {
            Status(now.Status, before.Status, errors);
            return;
        }

        Validate(obj, errors);
        errors.Same("spec", now.Spec, before.Spec);
    }

    private static void Status(StorageVersionMigrationStatus now, StorageVersionMigrationStatus before, FieldErrors errors)
    {
        const string path = "status.resourceVersion";
        var revision = now.ResourceVersion;
        if (revision.Length == 0 || revision[0] == '0' || !revision.All(char.IsAsciiDigit))
        {
            errors.Invalid(path, revision, $"resource version is not well formed: {revision}");
        }

        ConditionRules.Validate(now.Conditions, Conditions, errors);
        if (before.ResourceVersion.Length > 0 && before.ResourceVersion != revision)
        {
            errors.Invalid(path, revision, FieldRules.Immutable);
        }

        var (succeeded, failed, runs) = (Is(now, MigrationConditionType.Succeeded), Is(now, MigrationConditionType.Failed), Is(now, MigrationConditionType.Running));
        Refuse(succeeded && failed, "Both success and failed conditions cannot be true at the same time");
        Refuse(succeeded && runs, "Running condition cannot be true when success condition is true");
        Refuse(failed && runs, "Running condition cannot be true when failed condition is true");
        Refuse(Is(before, MigrationConditionType.Succeeded) && !succeeded, "Success condition cannot be set to false once it is true");
        Refuse(Is(before, MigrationConditionType.Failed) && !failed, "Failed condition cannot be set to false once it is true");

        void Refuse(bool isWrong, string problem)
        {
            if (isWrong)
            {
                errors.Invalid(Conditions, now.ToTree()["conditions"], problem);
            }
        }
    }

    private static bool Is(StorageVersionMigrationStatus status, string type) => status.Conditions.Any(c => c.Type == type && c.Status == "True");
}
