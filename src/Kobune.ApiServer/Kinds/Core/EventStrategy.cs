using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Events, of both groups; kept in the old form. The old group is lenient for what clients once wrote, the new one is not. Source: pkg/apis/core/validation/events.go.</summary>
internal sealed class EventStrategy : KindStrategy
{
    private const string NewGroup = "events.k8s.io";
    private const int MaxText = 128;
    private const int MaxNote = 1024;
    private const string Unset = "needs to be unset";

    public override (string Group, string Resource) Resource => ("", "events");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<Event>();
        Legacy(item, errors);
        if (errors.Group != NewGroup)
        {
            return;
        }

        errors.Names("metadata.name", item.Metadata.Name, NameValidation.Dns1123Subdomain(item.Metadata.Name));
        Series(item, errors);
        if (item.EventTime is null)
        {
            errors.Required("eventTime", "");
        }

        if (item.Type is not ("Normal" or "Warning"))
        {
            errors.Invalid("type", "", $"has invalid value: {item.Type}");
        }

        Refuse(item.FirstTimestamp is not null, "firstTimestamp", Unset, errors);
        Refuse(item.LastTimestamp is not null, "lastTimestamp", Unset, errors);
        Refuse(item.Count != 0, "count", Unset, errors);
        Refuse(item.Source.Component.Length > 0 || item.Source.Host.Length > 0, "source", Unset, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<Event>(), old.Read<Event>());
        Legacy(now, errors);
        if (errors.Group != NewGroup)
        {
            return;
        }

        if (now.Series != before.Series)
        {
            Series(now, errors);
        }

        errors.Same("involvedObject", now.InvolvedObject, before.InvolvedObject);
        errors.Same("reason", now.Reason, before.Reason);
        errors.Same("message", now.Message, before.Message);
        errors.Same("source", now.Source, before.Source);
        SameTime("firstTimestamp", now.FirstTimestamp, before.FirstTimestamp, "yyyy-MM-dd'T'HH:mm:ss'Z'", errors);
        SameTime("lastTimestamp", now.LastTimestamp, before.LastTimestamp, "yyyy-MM-dd'T'HH:mm:ss'Z'", errors);
        errors.Same("count", now.Count, before.Count);
        errors.Same("reason", now.Reason, before.Reason); // upstream looks at it twice
        errors.Same("type", now.Type, before.Type);
        SameTime("eventTime", now.EventTime, before.EventTime, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", errors);
        errors.Same("action", now.Action, before.Action);
        errors.Same("related", now.Related, before.Related);
        errors.Same("reportingController", now.ReportingController, before.ReportingController);
        errors.Same("reportingInstance", now.ReportingInstance, before.ReportingInstance);
    }

    /// <summary>What both groups ask for. Events of the new form have a time of their own.</summary>
    private static void Legacy(Event item, FieldErrors errors)
    {
        var (ns, space) = (item.Metadata.Namespace, item.InvolvedObject.Namespace);

        // Events about objects without a namespace lie in default (or in none). Those of the new form may lie beside their object.
        var isAstray = item.EventTime is null
            ? space.Length == 0 ? ns is not ("" or "default") : ns != space
            : space.Length == 0 && ns is not ("default" or "kube-system");
        if (isAstray)
        {
            errors.Invalid("involvedObject.namespace", space, "does not match event.namespace");
        }

        if (item.EventTime is not null)
        {
            Reported(item, errors);
        }

        errors.Names("namespace", ns, NameValidation.Dns1123Subdomain(ns));
    }

    private static void Reported(Event item, FieldErrors errors)
    {
        var controller = errors.Group == NewGroup ? "reportingController" : "reportingComponent";
        errors.RequiredName(controller, item.ReportingController);
        errors.Names(controller, item.ReportingController, NameValidation.QualifiedName(item.ReportingController)); // none is no name either
        Text("reportingInstance", item.ReportingInstance, errors);
        Text("action", item.Action, errors);
        Text("reason", item.Reason, errors);
        Refuse(Encoding.UTF8.GetByteCount(item.Message) > MaxNote, "message", $"can have at most {MaxNote} characters", errors);
    }

    private static void Text(string path, string text, FieldErrors errors)
    {
        errors.RequiredName(path, text);
        Refuse(Encoding.UTF8.GetByteCount(text) > MaxText, path, $"can have at most {MaxText} characters", errors);
    }

    private static void Series(Event item, FieldErrors errors)
    {
        if (item.Series is not { } series)
        {
            return;
        }

        Refuse(series.Count < 2, "series.count", "should be at least 2", errors);
        if (series.LastObservedTime is null)
        {
            errors.Required("series.lastObservedTime", "");
        }
    }

    /// <summary>Upstream shows no value at these.</summary>
    private static void Refuse(bool isWrong, string path, string detail, FieldErrors errors)
    {
        if (isWrong)
        {
            errors.Invalid(path, "", detail);
        }
    }

    private static void SameTime(string path, DateTimeOffset? now, DateTimeOffset? before, string form, FieldErrors errors)
    {
        // Finer than a microsecond is lost on the way through some clients.
        if (now?.UtcTicks / TimeSpan.TicksPerMicrosecond != before?.UtcTicks / TimeSpan.TicksPerMicrosecond)
        {
            errors.Invalid(path, now?.UtcDateTime.ToString(form, System.Globalization.CultureInfo.InvariantCulture), FieldRules.Immutable);
        }
    }
}
