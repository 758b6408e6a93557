using System.Text.Json;

namespace Kobune.ApiServer.Watch;

/// <summary>Where things lie in an object's canonical bytes. One pass over the head of the object, up to the end of metadata.</summary>
internal sealed record EntryLayout
{
    public string Name { get; private init; } = "";

    public string Namespace { get; private init; } = "";

    public string Uid { get; private init; } = "";

    /// <summary>First byte after kind and apiVersion.</summary>
    public int TailOffset { get; private init; }

    /// <summary>Where the resourceVersion goes (or begins, once spliced): after uid, as upstream orders metadata.</summary>
    public int SpliceOffset { get; private init; }

    public int SpliceLength { get; private init; }

    public bool SpliceIsLast { get; private init; }

    public bool MetadataIsEmpty { get; private init; }

    public bool HasResourceVersion { get; private init; }

    /// <summary>First byte of the labels' value; -1 without labels.</summary>
    public int LabelsOffset { get; private init; } = -1;

    public static EntryLayout Scan(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }

        var tail = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("kind"u8) || reader.ValueTextEquals("apiVersion"u8);
            if (!isType && tail < 0)
            {
                tail = (int)reader.TokenStartIndex;
            }

            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                return Metadata(ref reader, tail);
            }

            reader.Skip();
        }

        throw new JsonException("an object with metadata was expected");
    }

    /// <summary>The same layout after <paramref name="length"/> bytes were put in at the splice.</summary>
    public EntryLayout Spliced(int length) => this with
    {
        SpliceLength = length,
        LabelsOffset = LabelsOffset >= SpliceOffset ? LabelsOffset + length : LabelsOffset,
    };

    private static EntryLayout Metadata(ref Utf8JsonReader reader, int tail)
    {
        string name = "", ns = "", uid = "";
        int splice = -1, labels = -1;
        var empty = true;
        var versioned = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            if (reader.ValueTextEquals("name"u8))
            {
                name = Value(ref reader);
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                ns = Value(ref reader);
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                uid = Value(ref reader);
            }
            else
            {
                if (splice < 0 && !reader.ValueTextEquals("generateName"u8) && !reader.ValueTextEquals("selfLink"u8))
                {
                    splice = (int)reader.TokenStartIndex;
                }

                versioned |= reader.ValueTextEquals("resourceVersion"u8);
                var isLabels = reader.ValueTextEquals("labels"u8);
                reader.Read();
                if (isLabels && reader.TokenType == JsonTokenType.StartObject)
                {
                    labels = (int)reader.TokenStartIndex;
                }

                reader.Skip();
            }
        }

        return new EntryLayout
        {
            Name = name,
            Namespace = ns,
            Uid = uid,
            TailOffset = tail,
            SpliceOffset = splice < 0 ? (int)reader.TokenStartIndex : splice,
            SpliceIsLast = splice < 0,
            MetadataIsEmpty = empty,
            HasResourceVersion = versioned,
            LabelsOffset = labels,
        };
    }

    private static string Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
    }
}
