using Kobune.Api.Core.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Namespaces;

/// <summary>Registration of the namespace controller.</summary>
internal static class NamespaceController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("namespace", "namespace-controller", workers: 10);
        var namespaces = controller.Informer<Namespace>();
        var pods = controller.Informer<Pod>();
        controller.Runner
            .For(namespaces, ns => ns.IsDeleting())
            .On(pods, change =>
            {
                // The last pod of a namespace that waits for it: no need to wait for the clock.
                if (change.Kind == ChangeKind.Deleted && namespaces.Cache.Find("", change.Key.Namespace) is { } ns && ns.IsDeleting() && pods.Cache.List(change.Key.Namespace).Count == 0)
                {
                    controller.Runner.Queue.Add(new("", change.Key.Namespace));
                }
            });
        var content = new NamespaceContent(controller.Client, pods.Cache, context.Time);
        return controller.Build(new NamespaceReconciler(namespaces.Cache, content, controller.Client, context.Time));
    }
}
