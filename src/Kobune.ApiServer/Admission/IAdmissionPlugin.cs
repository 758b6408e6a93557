using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Admission;

/// <summary>The four operations that admission sees.</summary>
public enum AdmissionOperation
{
    /// <summary>POST of an object or of a create subresource.</summary>
    Create,

    /// <summary>PUT, PATCH.</summary>
    Update,

    /// <summary>DELETE.</summary>
    Delete,

    /// <summary>exec, attach, port-forward, proxy.</summary>
    Connect,
}

/// <summary>One write as admission sees it. Mutating plugins change <see cref="Object"/> in place.</summary>
public sealed class AdmissionRequest
{
    /// <summary>What is done.</summary>
    public required AdmissionOperation Operation { get; init; }

    /// <summary>The resource written to.</summary>
    public required ResourceDescriptor Resource { get; init; }

    /// <summary>Path of the request, verb, subresource, namespace and name.</summary>
    public required RequestInfo Info { get; init; }

    /// <summary>Object's name; empty on create with generateName.</summary>
    public required string Name { get; init; }

    /// <summary>Object's namespace; empty for cluster-scoped kinds.</summary>
    public required string Namespace { get; init; }

    /// <summary>Who asks.</summary>
    public required UserInfo User { get; init; }

    /// <summary>Nothing may be changed outside of the request.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The new object, mutable, in the storage version; null on delete.</summary>
    public JsonObject? Object { get; set; }

    /// <summary>The object as it is; null on create.</summary>
    public EncodedObject? OldObject { get; init; }

    /// <summary>The server's own view of other objects.</summary>
    public required IObjectReader Objects { get; init; }

    /// <summary>What is committed together with the object (quota usage).</summary>
    public AllocationPlan Plan { get; init; } = new();

    /// <summary>Warnings for the client, sent as Warning headers.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The options of the request with their kind, as webhooks are shown them; null where there are none (CONNECT).</summary>
    internal JsonObject? Options { get; init; }

    /// <summary>Whether the server itself made the name from generateName: the client's object has none yet.</summary>
    internal bool IsNameGenerated { get; init; }

    /// <summary>Whether webhooks are not asked: the write is a part of another request, about which they were asked.</summary>
    internal bool SkipsWebhooks { get; init; }

    /// <summary>Hears of warnings that are sent whether the request succeeds or not.</summary>
    internal Action<string>? Warned { get; init; }

    /// <summary>Takes annotations of the audit event, by key; null when the request is not audited.</summary>
    internal Action<string, string>? Annotated { get; init; }

    /// <summary>Whether the audit event also tells what was sent.</summary>
    internal bool IsAuditedWithBody { get; init; }

    /// <summary>What the two rounds of the mutating phase have to know of each other's webhooks.</summary>
    internal Reinvocation Reinvocation { get; } = new();

    /// <summary>The same of policies.</summary>
    internal Reinvocation PolicyReinvocation { get; } = new();
}

/// <summary>An admission plugin. It implements one or both of the phases; refusing is throwing the server's StatusException (upstream: Forbidden with the plugin's words).</summary>
public interface IAdmissionPlugin
{
    /// <summary>Upstream's plugin name, "NamespaceLifecycle".</summary>
    string Name { get; }
}

/// <summary>The first phase: changes the object.</summary>
public interface IMutatingAdmission : IAdmissionPlugin
{
    /// <summary>May change <see cref="AdmissionRequest.Object"/>.</summary>
    ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct);
}

/// <summary>The second phase: looks and refuses.</summary>
public interface IValidatingAdmission : IAdmissionPlugin
{
    /// <summary>Throws to refuse.</summary>
    ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct);
}

/// <summary>The server's own view of all stored objects: the watch caches, read without authorization. For admission, authorizers, authenticators and strategies.</summary>
public interface IObjectReader
{
    /// <summary>One object as fresh as the cache, or null.</summary>
    T? Find<T>(string @namespace, string name)
        where T : class, IKubernetesObject<T>;

    /// <summary>One object as fresh as the store, or null.</summary>
    ValueTask<T?> GetAsync<T>(string @namespace, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>One object as fresh as the cache; when the cache has none, which may not have seen what was made a moment ago, the store's word counts.</summary>
    async ValueTask<T?> FindOrGetAsync<T>(string @namespace, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Find<T>(@namespace, name) ?? await GetAsync<T>(@namespace, name, ct);

    /// <summary>All objects of a namespace; of all namespaces for the empty name.</summary>
    IReadOnlyList<T> List<T>(string @namespace)
        where T : class, IKubernetesObject<T>;

    /// <summary>A number that grows with every change of a kind, so that derived indexes (RBAC rules, node graph) know when they are stale.</summary>
    long Generation<T>()
        where T : class, IKubernetesObject<T>;
}
