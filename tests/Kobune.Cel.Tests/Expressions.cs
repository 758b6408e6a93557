using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Tests;

/// <summary>Expressions of the newest release with a few variables.</summary>
internal static class Expressions
{
    private static readonly CelType Person = CelType.Struct("Person");

    public static readonly CelEnvironment Environment = CelKubernetes.Environment(36)
        .WithVariable("d", CelType.Dyn)
        .WithVariable("i", CelType.Int)
        .WithVariable("s", CelType.String)
        .WithVariable("b", CelType.Bool)
        .WithVariable("list", CelType.List(CelType.Int))
        .WithVariable("names", CelType.List(CelType.String))
        .WithVariable("map", CelType.Map(CelType.String, CelType.Int))
        .WithVariable("person", Person)
        .WithTypes(new PersonTypes());

    public static readonly CelActivation Variables = new(new Dictionary<string, CelValue>
    {
        ["d"] = CelMap.Of([new(new CelString("a"), CelInt.Of(1)), new(new CelString("l"), CelList.Of([CelInt.Of(7)]))]),
        ["i"] = CelInt.Of(5),
        ["s"] = new CelString("héllo"),
        ["b"] = CelBool.True,
        ["list"] = CelList.Of([CelInt.Of(1), CelInt.Of(2), CelInt.Of(3)]),
        ["names"] = CelList.Of([new CelString("a"), new CelString("b")]),
        ["map"] = CelMap.Of([new(new CelString("a"), CelInt.Of(1)), new(new CelString("b"), CelInt.Of(2))]),
        ["person"] = new PersonValue(new Dictionary<string, CelValue> { ["name"] = new CelString("Ada") }),
    });

    public static CelProgram Program(string text)
    {
        var compiled = Environment.Compile(text);
        Assert.True(compiled.Succeeded, compiled.Issues?.ToString());
        return compiled.Program;
    }

    public static CelResult Run(string text) => Program(text).Evaluate(Variables, ulong.MaxValue, CancellationToken.None);

    public static string Issues(string text)
    {
        var compiled = Environment.Compile(text);
        Assert.False(compiled.Succeeded, $"{text} compiled");
        return compiled.Issues.ToString();
    }

    private sealed class PersonTypes : ICelTypeProvider
    {
        public CelType? FindType(string name) => name == "Person" ? Person : null;

        public CelType? FindField(string typeName, string field) => field switch
        {
            "name" => CelType.String,
            "age" => CelType.Int,
            "friend" => Person,
            _ => null,
        };

        public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields) => typeName == "Person" ? new PersonValue(fields) : null;
    }

    private sealed class PersonValue(IReadOnlyDictionary<string, CelValue> fields) : CelObject
    {
        public override CelType Type => Person;

        public override CelValue? Field(string name) => fields.GetValueOrDefault(name);

        public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);
    }
}
