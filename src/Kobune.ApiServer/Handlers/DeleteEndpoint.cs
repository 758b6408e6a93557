using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema.Protobuf;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Handlers;

/// <summary>DELETE of one object and of a collection.</summary>
internal sealed class DeleteEndpoint(ServerContext server, ObjectDeleter deleter)
{
    private static readonly string[] Policies = ["Foreground", "Background", "Orphan"];

    public async ValueTask<ApiResult> DeleteAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = await ReadOptionsAsync(call, ct);
        var write = new WriteRequest(call, resource, new WriteOptions(options.DryRun.Count > 0, "", FieldValidation.Ignore));
        var done = await deleter.DeleteAsync(write, options, ct);
        if (done.IsGone && !write.Kind.Rules.ReturnsDeleted)
        {
            return new DocumentResult(Success(resource, done.Entry));
        }

        var code = !done.IsGone && options.OrphanDependents == false ? 202 : 200;
        return new ObjectResult(resource, await server.Registry.InVersionAsync(done.Entry, resource, ct), code);
    }

    public async ValueTask<ApiResult> DeleteCollectionAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = await ReadOptionsAsync(call, ct);
        var kind = resource.Storage!;
        var ns = resource.Descriptor.Namespaced ? call.Info.Namespace : "";
        var filter = resource.Filter(call.Query, ns, "");
        var list = await server.Reader(kind).ListAsync(kind.PrefixOf(ns), ListOptionsParser.List(call.Query, filter) with { Limit = 0 }, ct);
        var deleted = new List<CacheEntry>(list.Items.Count);
        foreach (var entry in list.Items)
        {
            var write = new WriteRequest(call, resource, new WriteOptions(options.DryRun.Count > 0, "", FieldValidation.Ignore)) { Namespace = entry.Namespace, Name = entry.Name };
            try
            {
                deleted.Add((await deleter.DeleteAsync(write, options, ct)).Entry);
            }
            catch (StatusException e) when (e.Reason == "NotFound")
            {
                // somebody else was faster
            }
        }

        return new ListResult(resource, await server.Registry.InVersionAsync(new EntryList(deleted, list.Revision), resource, ct));
    }

    /// <summary>The options of a delete: the body, else the query parameters.</summary>
    public async ValueTask<DeleteOptions> ReadOptionsAsync(ApiCall call, CancellationToken ct)
    {
        var body = await call.ReadBodyAsync(ct);
        var options = body.IsEmpty ? FromQuery(call.Query) : FromBody(call, body);
        if (!body.IsEmpty && call.Audit is { WantsBody: true } audit)
        {
            audit.Sent(JsonText.Bytes(options));
        }

        Check(options);
        return options;
    }

    /// <summary>The Status that a finished delete answers with.</summary>
    private static EncodedObject Success(ServedResource resource, CacheEntry entry) => new(JsonText.Bytes(new Status
    {
        StatusValue = "Success",
        Details = new StatusDetails { Name = entry.Name, Group = resource.Schema.Group, Kind = resource.Schema.Plural, Uid = entry.Uid },
    }));

    private static DeleteOptions FromQuery(QueryValues query)
    {
        try
        {
            return new DeleteOptions
            {
                GracePeriodSeconds = query.Number("gracePeriodSeconds"),
                OrphanDependents = query.Find("orphanDependents") is null ? null : query.Flag("orphanDependents"),
                PropagationPolicy = query.Find("propagationPolicy"),
                DryRun = [.. query.GetAll("dryRun")],
            };
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
    }

    private DeleteOptions FromBody(ApiCall call, ReadOnlyMemory<byte> body)
    {
        // DeleteOptions are known in every group, so apiVersion is not compared.
        var type = server.Codec.Schema.FindKind("meta", "v1", "DeleteOptions")!;
        try
        {
            var tree = MediaTypes.Bare(call.ContentType) switch
            {
                "" or MediaTypes.Json => Api.Schema.ObjectReader.Read(body.Span, type),
                MediaTypes.Yaml => Api.Schema.ObjectReader.Read(YamlToJson.Convert(body, null), type),
                MediaTypes.Protobuf => ProtobufEnvelope.Decode(body.Span, type),
                _ => throw StatusErrors.UnsupportedMediaType(MediaTypes.Bodies),
            };
            var (kind, version) = (tree.TextAt("kind"), tree.TextAt("apiVersion"));
            if (version.Count(c => c == '/') > 1)
            {
                throw StatusErrors.BadRequest($"unexpected GroupVersion string: {version}");
            }

            return kind is "" or "DeleteOptions"
                ? JsonText.Read<DeleteOptions>(Fields.FieldJson.Write(tree))
                : throw StatusErrors.BadRequest($"no kind \"{kind}\" is registered for version \"{version}\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"");
        }
        catch (Exception e) when (e is Api.Schema.ObjectDecodeException or JsonException)
        {
            throw StatusErrors.BadRequest(ProblemOf(e.Message));
        }
    }

    /// <summary>What cannot be read of a body: version and kind are read before the rest, into a type that Go shows whole.</summary>
    private static string ProblemOf(string message)
    {
        const string VersionKind = "couldn't get version/kind; json parse error: ";
        const string Whole = " into Go value of type v1.DeleteOptions";
        return !message.StartsWith("json: cannot unmarshal", StringComparison.Ordinal) ? VersionKind + message
            : message.EndsWith(Whole, StringComparison.Ordinal) ? $$"""{{VersionKind}}{{message[..^Whole.Length]}} into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"""
            : message.Contains("field DeleteOptions.kind ", StringComparison.Ordinal) || message.Contains("field DeleteOptions.apiVersion ", StringComparison.Ordinal)
                ? VersionKind + message.Replace("field DeleteOptions.", "field .", StringComparison.Ordinal)
            : message;
    }

    private static void Check(DeleteOptions options)
    {
        var errors = new FieldErrors();
        if (options is { OrphanDependents: not null, PropagationPolicy: not null })
        {
            errors.Invalid("propagationPolicy", options.PropagationPolicy, "orphanDependents and deletionPropagation cannot be both set");
        }

        if (options.PropagationPolicy is { } policy && !Policies.Contains(policy))
        {
            errors.NotSupported("propagationPolicy", policy, [.. Policies, "nil"]);
        }

        WriteOptions.DryRunOf(options.DryRun, errors);
        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
    }
}
