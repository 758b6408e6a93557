using Kobune.Api;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>IPAddresses: the name is the address in its canonical form, and what it belongs to never changes (upstream's ValidateIPAddress).</summary>
internal sealed class IPAddressStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("networking.k8s.io", "ipaddresses");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var address = obj.Read<IPAddress>();
        var name = address.Metadata.Name;
        if (!System.Net.IPAddress.TryParse(name, out var parsed) || name.Contains('%', StringComparison.Ordinal))
        {
            errors.Invalid("metadata.name", name, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        else if (parsed.ToString() != name)
        {
            errors.Invalid("metadata.name", name, $"must be in canonical form (\"{parsed}\")");
        }

        if (address.Spec.ParentRef is not { } parent)
        {
            errors.Required("spec.parentRef", "");
            return;
        }

        errors.RequiredName("spec.parentRef.resource", parent.Resource);
        errors.RequiredName("spec.parentRef.name", parent.Name);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<IPAddress>().Spec.ParentRef, old.Read<IPAddress>().Spec.ParentRef);
        if (now != before)
        {
            errors.Invalid("spec.parentRef", now, FieldRules.Immutable);
        }
    }
}
