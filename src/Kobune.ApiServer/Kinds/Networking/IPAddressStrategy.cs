using Kobune.Api;
using Kobune.Api.Networking.V1;
using Kobune.Api.Validation;
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
        errors.Address("metadata.name", name);
        if (address.Spec.ParentRef is not { } parent)
        {
            errors.Required("spec.parentRef", "");
            return;
        }

        if (parent.Group.Length > 0) // Services are of the group without a name
        {
            errors.Names("spec.parentRef.group", parent.Group, NameValidation.Dns1123Subdomain(parent.Group));
        }

        errors.RequiredName("spec.parentRef.resource", parent.Resource, NameValidation.PathSegmentName);
        errors.RequiredName("spec.parentRef.name", parent.Name, NameValidation.PathSegmentName);
        errors.Names("spec.parentRef.namespace", parent.Namespace, NameValidation.PathSegmentName(parent.Namespace));
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        errors.Same("spec.parentRef", obj.Read<IPAddress>().Spec.ParentRef, old.Read<IPAddress>().Spec.ParentRef);
    }
}
