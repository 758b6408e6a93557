using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Events that are refused, by the rules of the group through which they come.</summary>
public class EventRuleTests
{
    private const string New = "events.k8s.io";
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Old = """{"metadata":{"name":"e","namespace":"a"},"involvedObject":{"kind":"Pod","namespace":"a","name":"p"},"reason":"Odd"}""";
    private const string Event = """{"metadata":{"name":"e","namespace":"a"},"eventTime":"2026-03-01T12:00:00.000001Z","involvedObject":{"kind":"Pod","namespace":"a","name":"p"},"reason":"R","action":"A","type":"Normal","reportingComponent":"a.test/c","reportingInstance":"i"}""";
    private static readonly string Long = new('x', 129);

    [Theory]
    [InlineData("involvedObject.namespace", "\"b\"", "involvedObject.namespace: Invalid value: \"b\": does not match event.namespace")]
    [InlineData("involvedObject.namespace", "-", "involvedObject.namespace: Invalid value: \"\": does not match event.namespace")]
    [InlineData("metadata.name", "\"Any_name\"", "")]
    [InlineData("type", "\"Odd\"", "")]
    [InlineData("series", """{"count":1}""", "")]
    public void An_event_of_the_old_form_needs_a_namespace_that_fits(string path, string value, string problems)
    {
        Creates("events", "Event", With(Old, path, value), problems, "");
        Updates("events", "Event", Old, With(Old, path, value), problems, group: "");
    }

    [Theory]
    [InlineData("reportingComponent", "\"\"", "Component: Required value\nComponent: Invalid value: \"\": name part must be non-empty\nComponent: Invalid value: \"\": " + Qualified)]
    [InlineData("reportingComponent", "\"-\"", "Component: Invalid value: \"-\": " + Qualified)]
    public void The_reporter_has_the_name_that_it_has_in_its_group(string path, string value, string problems)
    {
        Creates("events", "Event", With(Event, path, value), problems.Replace("Component", "reportingComponent", StringComparison.Ordinal), "");
        Creates("events", "Event", With(Event, path, value), problems.Replace("Component", "reportingController", StringComparison.Ordinal), New);
    }

    [Theory]
    [InlineData("reportingInstance")]
    [InlineData("action")]
    [InlineData("reason")]
    public void An_event_with_a_time_of_its_own_says_who_did_what_and_why(string field)
    {
        Creates("events", "Event", With(Event, field, "\"\""), field + ": Required value", "");
        Creates("events", "Event", With(Event, field, $"\"{Long}\""), field + ": Invalid value: \"\": can have at most 128 characters", "");
    }

    [Fact]
    public void A_note_is_short_and_the_namespace_of_an_object_without_one_is_the_systems()
    {
        Creates("events", "Event", With(Event, "message", $"\"{new string('x', 1025)}\""), "message: Invalid value: \"\": can have at most 1024 characters", "");
        Creates("events", "Event", With(Event, "involvedObject", """{"kind":"Node"}"""), "involvedObject.namespace: Invalid value: \"\": does not match event.namespace", "");
        Creates("events", "Event", With(With(Event, "involvedObject", """{"kind":"Node"}"""), "metadata.namespace", "\"kube-system\""), "", "");
        Creates("events", "Event", With(With(Old, "metadata.namespace", "\"A\""), "involvedObject.namespace", "\"A\""), "namespace: Invalid value: \"A\": " + Subdomain, "");
    }

    [Theory]
    [InlineData("metadata.name", "\"Any_name\"", "metadata.name: Invalid value: \"Any_name\": " + Subdomain)]
    [InlineData("eventTime", "-", "eventTime: Required value")]
    [InlineData("type", "\"Odd\"", "type: Invalid value: \"\": has invalid value: Odd")]
    [InlineData("series", """{"count":1}""", "series.count: Invalid value: \"\": should be at least 2\nseries.lastObservedTime: Required value")]
    [InlineData("firstTimestamp", "\"2026-03-01T12:00:00Z\"", "firstTimestamp: Invalid value: \"\": needs to be unset")]
    [InlineData("lastTimestamp", "\"2026-03-01T12:00:00Z\"", "lastTimestamp: Invalid value: \"\": needs to be unset")]
    [InlineData("count", "1", "count: Invalid value: \"\": needs to be unset")]
    [InlineData("source", """{"host":"h"}""", "source: Invalid value: \"\": needs to be unset")]
    public void The_newer_group_takes_nothing_of_the_old_form(string path, string value, string problems)
    {
        Creates("events", "Event", With(Event, path, value), problems, New);
        Creates("events", "Event", With(Event, path, value), "", "");
    }

    [Theory]
    [InlineData("reason", "\"S\"", "reason: Invalid value: \"S\": field is immutable\nreason: Invalid value: \"S\": field is immutable")]
    [InlineData("message", "\"S\"", "message: Invalid value: \"S\": field is immutable")]
    [InlineData("type", "\"Warning\"", "type: Invalid value: \"Warning\": field is immutable")]
    [InlineData("count", "2", "count: Invalid value: 2: field is immutable")]
    [InlineData("action", "\"B\"", "action: Invalid value: \"B\": field is immutable")]
    [InlineData("firstTimestamp", "\"2026-03-01T12:00:00Z\"", "firstTimestamp: Invalid value: \"2026-03-01T12:00:00Z\": field is immutable")]
    [InlineData("eventTime", "\"2026-03-01T12:00:00.000002Z\"", "eventTime: Invalid value: \"2026-03-01T12:00:00.000002Z\": field is immutable")]
    [InlineData("eventTime", "\"2026-03-01T12:00:00.0000012Z\"", "")]
    [InlineData("involvedObject.name", "\"q\"", "involvedObject: Invalid value: {\"Kind\":\"Pod\",\"Namespace\":\"a\",\"Name\":\"q\",\"UID\":\"\",\"APIVersion\":\"\",\"ResourceVersion\":\"\",\"FieldPath\":\"\"}: field is immutable")]
    [InlineData("related", """{"name":"q"}""", "related: Invalid value: {\"Kind\":\"\",\"Namespace\":\"\",\"Name\":\"q\",\"UID\":\"\",\"APIVersion\":\"\",\"ResourceVersion\":\"\",\"FieldPath\":\"\"}: field is immutable")]
    [InlineData("reportingComponent", "\"a.test/d\"", "reportingController: Invalid value: \"a.test/d\": field is immutable")]
    [InlineData("reportingInstance", "\"j\"", "reportingInstance: Invalid value: \"j\": field is immutable")]
    [InlineData("series", """{"count":2,"lastObservedTime":"2026-03-01T12:00:00.000000Z"}""", "")]
    [InlineData("series", """{"count":1,"lastObservedTime":"2026-03-01T12:00:00.000000Z"}""", "series.count: Invalid value: \"\": should be at least 2")]
    public void What_was_told_stays_in_the_newer_group(string path, string value, string problems)
    {
        Updates("events", "Event", Event, With(Event, path, value), problems, group: New);
        Updates("events", "Event", Event, With(Event, path, value), "", group: "");
    }
}
