using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.ResourceClaims;

/// <summary>
/// Registration of the resource claim controller. Keys of pods and of claims share its queue: those of claims have a slash before the name, which no name has. Source:
/// pkg/controller/resourceclaim.
/// </summary>
internal static class ResourceClaimController
{
    private const string ClaimMark = "/";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("resource-claim", "resource-claim-controller", eventSource: "resource_claim");
        var (pods, claims, templates) = (controller.Informer<Pod>(), controller.Informer<ResourceClaim>(), controller.Informer<ResourceClaimTemplate>());
        var users = pods.Cache.Index("resource claims", p => p.Spec.ResourceClaims.Select(c => PodDeviceClaims.NameOf(p, c).Name).OfType<string>().Select(n => $"{p.Metadata.Namespace}/{n}"));
        var wanting = pods.Cache.Index("resource claim templates", p => p.Spec.ResourceClaims.Select(c => c.ResourceClaimTemplateName).OfType<string>().Select(n => $"{p.Metadata.Namespace}/{n}"));
        controller.Runner
            .On(pods, change =>
            {
                if (change.New is { } pod && !pod.IsDeleting() && !pod.IsTerminal())
                {
                    if (pod.Spec.ResourceClaims.Count > 0)
                    {
                        controller.Runner.Queue.Add(change.Key);
                    }
                }
                else
                {
                    foreach (var name in PodDeviceClaims.NamesOf(change.Object))
                    {
                        Claim(new(change.Key.Namespace, name));
                    }
                }
            })
            .On(claims, change =>
            {
                Claim(change.Key);
                Users(users, change.Key); // deleted under a pod it is made anew; allocated late it is reserved for a pod that has a node already
            })
            .On(templates, change => Users(wanting, change.Key));
        var pod = new PodClaimsReconciler(pods.Cache, claims.Cache, templates.Cache, controller.Client, controller.Events, context.Options.Metrics.Claims);
        context.Options.Metrics.Claims.Follow(() => claims.Cache.List());
        var claim = new ClaimReconciler(claims.Cache, pods.Cache, controller.Client);
        return controller.Build(new Both(pod, claim));

        void Claim(ObjectKey key) => controller.Runner.Queue.Add(new(key.Namespace, ClaimMark + key.Name));

        void Users(ICacheIndex<Pod> index, ObjectKey key)
        {
            foreach (var user in index[key.ToString()])
            {
                controller.Runner.Queue.Add(ObjectKey.Of(user));
            }
        }
    }

    private sealed class Both(PodClaimsReconciler pods, ClaimReconciler claims) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct) =>
            key.Name.StartsWith(ClaimMark, StringComparison.Ordinal) ? claims.ReconcileAsync(new(key.Namespace, key.Name[ClaimMark.Length..]), ct) : pods.ReconcileAsync(key, ct);
    }
}
