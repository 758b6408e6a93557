using Kobune.Api.Networking.V1;

namespace Kobune.Ingress.Routing;

/// <summary>Which Ingresses are this controller's: by the old annotation first, then by class, then those that name none. Pure.</summary>
internal static class IngressSelection
{
    private const string Annotation = "kubernetes.io/ingress.class";

    public static bool IsOurs(IngressObject ingress, Func<string, IngressClass?> classes, IngressOptions options)
    {
        if (ingress.Metadata.Annotations.TryGetValue(Annotation, out var old) && old.Length > 0)
        {
            return old == options.AnnotationClass;
        }

        return ingress.Spec.IngressClassName is { Length: > 0 } name
            ? classes(name) is { } found && found.Spec.Controller == options.ControllerClass
            : options.WatchWithoutClass;
    }
}
