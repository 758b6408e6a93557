namespace Kobune.Cel.Tests;

public class IssueTests
{
    private const string Operand = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

    [Theory]
    [InlineData("1 +", "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting " + Operand + "\n | 1 +\n | ...^")]
    [InlineData("*a", "ERROR: <input>:1:1: Syntax error: extraneous input '*' expecting " + Operand + "\n | *a\n | ^")]
    [InlineData("a b", "ERROR: <input>:1:3: Syntax error: extraneous input 'b' expecting <EOF>\n | a b\n | ..^")]
    [InlineData("object.x in [1, 2,", "ERROR: <input>:1:19: Syntax error: missing ']' at '<EOF>'\n | object.x in [1, 2,\n | ..................^")]
    [InlineData("{", "ERROR: <input>:1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '}', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | {\n | .^")]
    [InlineData("(1", "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (1\n | ..^")]
    [InlineData("{\"a\": 1}.\"a\"", "ERROR: <input>:1:10: Syntax error: no viable alternative at input '.\"a\"'\n | {\"a\": 1}.\"a\"\n | .........^")]
    [InlineData("1 $ 2", "ERROR: <input>:1:3: Syntax error: token recognition error at: '$'\n | 1 $ 2\n | ..^")]
    [InlineData("99999999999999999999", "ERROR: <input>:1:1: invalid int literal\n | 99999999999999999999\n | ^")]
    [InlineData("1e999", "ERROR: <input>:1:1: invalid double literal\n | 1e999\n | ^")]
    [InlineData("for", "ERROR: <input>:1:1: reserved identifier: for\n | for\n | ^")]
    [InlineData("has(d)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(d)\n | ....^")]
    [InlineData("list.all(1, true)", "ERROR: <input>:1:10: argument must be a simple name\n | list.all(1, true)\n | .........^")]
    [InlineData("list.map(1, true)", "ERROR: <input>:1:10: argument is not an identifier\n | list.map(1, true)\n | .........^")]
    [InlineData("'\\q'", "ERROR: <input>:1:1: Syntax error: token recognition error at: ''\\q'\n | '\\q'\n | ^")]
    [InlineData("d.true", "ERROR: <input>:1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER\n | d.true\n | ..^")]
    [InlineData("'\\ud800'", "ERROR: <input>:1:1: invalid unicode code point\n | '\\ud800'\n | ^")]
    [InlineData("b'\\u00ff'", "ERROR: <input>:1:1: unable to unescape string\n | b'\\u00ff'\n | ^")]
    [InlineData("list.all(__result__, true)", "ERROR: <input>:1:10: iteration variable overwrites accumulator variable\n | list.all(__result__, true)\n | .........^")]
    public void Text_is_refused(string text, string first) => Assert.StartsWith(first, Expressions.Issues(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("zz", 1, "undeclared reference to 'zz' (in container '')")]
    [InlineData("zz(1)", 3, "undeclared reference to 'zz' (in container '')")]
    [InlineData("1 + 'a'", 3, "found no matching overload for '_+_' applied to '(int, string)'")]
    [InlineData("s.startsWith(1)", 13, "found no matching overload for 'startsWith' applied to 'string.(int)'")]
    [InlineData("size(1)", 5, "found no matching overload for 'size' applied to '(int)'")]
    [InlineData("person.nope", 7, "undefined field 'nope'")]
    [InlineData("i.x", 2, "type 'int' does not support field selection")]
    [InlineData("1 && true", 1, "expected type 'bool' but found 'int'")]
    [InlineData("[1, 'a']", 5, "expected type 'int' but found 'string'")]
    [InlineData("{'a': 1, 'b': 'c'}", 15, "expected type 'int' but found 'string'")]
    [InlineData("i.all(x, true)", 1, "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)")]
    [InlineData("list.all(x, x)", 13, "expected type 'bool' but found 'int'")]
    [InlineData("Person{name: 1}", 12, "expected type of field 'name' is 'string' but provided type is 'int'")]
    [InlineData("Person{nope: 1}", 12, "undefined field 'nope'")]
    [InlineData("Nobody{}", 7, "undeclared reference to 'Nobody' (in container '')")]
    [InlineData("int{}", 4, "'int' is not a message type")]
    [InlineData("list['a']", 5, "found no matching overload for '_[_]' applied to '(list(int), string)'")]
    [InlineData("map + map", 5, "found no matching overload for '_+_' applied to '(map(string, int), map(string, int))'")]
    [InlineData("true ? 1 : 'a'", 6, "found no matching overload for '_?_:_' applied to '(bool, int, string)'")]
    [InlineData("duration('x')", 10, "invalid duration argument")]
    [InlineData("timestamp('x')", 11, "invalid timestamp argument")]
    [InlineData("s.matches('(')", 11, "invalid matches argument")]
    [InlineData("optional.of(1) == 1", 16, "found no matching overload for '_==_' applied to '(optional_type(int), int)'")]
    [InlineData("cel.bind(x, 1, x)", 1, "undeclared reference to 'cel' (in container '')")]
    [InlineData("math.greatest(1, 2)", 1, "undeclared reference to 'math' (in container '')")]
    [InlineData("'a'.reverse()", 12, "found no matching overload for 'reverse' applied to 'string.()'")]
    [InlineData(".zz", 2, "undeclared reference to '.zz' (in container '')")]
    [InlineData("[1, 'a', 2.0]", 5, "expected type 'int' but found 'string'")]
    [InlineData("[dyn(1), 'a']", 10, "expected type 'dyn' but found 'string'")]
    [InlineData("[null, duration('1s')]", 16, "expected type 'null' but found 'duration'")]
    [InlineData("[?optional.of(1), 'a']", 19, "expected type 'int' but found 'string'")]
    [InlineData("s == [[1], ['a']].map(x, s)[0]", 12, "expected type 'list(int)' but found 'list(string)'")]
    [InlineData("timestamp(-62135596801)", 11, "invalid timestamp argument")]
    [InlineData("matches('[', s)", 9, "invalid matches argument")]
    [InlineData("list.existsOne(x, x > 1)", 15, "undeclared reference to 'existsOne' (in container '')")]
    public void Check_fails(string text, int column, string message) =>
        Assert.StartsWith($"ERROR: <input>:1:{column}: {message}\n | {text}\n | {new string('.', column - 1)}^", Expressions.Issues(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("[1, 'a', 2, 'b']", 1)]
    [InlineData("{'a': 1, 2: 'x', 'c': 'y', 3: 4}", 4)]
    [InlineData("zz in [1, 'a']", 1)]
    [InlineData("'%s'.format([1, 'a', {1: 2, 'x': [1, 2.0]}])", 1)]
    public void Mixed_literals_are_told_once_for_a_list_and_each_time_for_a_map(string text, int issues) =>
        Assert.Equal(issues, Expressions.Environment.Compile(text).Issues!.Items.Count);

    [Theory]
    [InlineData("int('x') == 1 || b", "type conversion error from 'string' to 'int'")]
    [InlineData("b ? uint(-1) == 1u : b", "unsigned integer overflow")]
    [InlineData("string(b'\\xff') == s", "invalid UTF-8 in bytes, cannot convert to string")]
    [InlineData("matches(s, '[')", "error parsing regexp: missing closing ]: `[`")]
    [InlineData("s.find(')') == ''", "error parsing regexp: unexpected ): `)`")]
    [InlineData("s.findAll(')', 1) == []", "error parsing regexp: unexpected ): `)`")]
    [InlineData("int(s) == 1", null)]
    public void Constants_that_cannot_be_used_are_a_problem_of_the_program(string text, string? problem) => Assert.Equal(problem, Expressions.Program(text).Problem);

    [Fact]
    public void All_issues_are_told_in_order()
    {
        var issues = Expressions.Environment.Compile("zz + 1 ==\n yy").Issues!;
        Assert.Equal([(1, 0), (2, 1)], issues.Items.Select(i => (i.Line, i.Column)));
        Assert.Contains("ERROR: <input>:2:2: undeclared reference to 'yy' (in container '')\n |  yy\n | .^", issues.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size([].map(x, x + [][0])) + sets.equivalent(['a'], [].map(x, x + [][0]))", "applied to '(list(string), list(bytes))'")]
    [InlineData("sets.equivalent(['a'], [].map(x, x * [][0]))", "applied to '(list(string), list(double))'")]
    [InlineData("sets.equivalent(['a'], [].map(x, x % [][0]))", "applied to '(list(string), list(int))'")]
    public void An_open_type_is_that_of_the_first_overload_that_fits(string expression, string applied) =>
        Assert.Contains(applied, CelKubernetes.Environment(36).Compile(expression).Issues!.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("'日本' + 1", ".．．..^")]
    [InlineData("'Äb' + 1", ".．...^")]
    public void Characters_of_several_bytes_have_wide_marks(string expression, string marks) =>
        Assert.EndsWith($" | {expression}\n | {marks}", Expressions.Issues(expression), StringComparison.Ordinal);

    public static TheoryData<string> Deep =>
    [
        new string('(', 300) + "1" + new string(')', 300),
        string.Concat(Enumerable.Repeat("true ? 1 : ", 300)) + "1",
        string.Concat(Enumerable.Repeat("[", 300)),
    ];

    [Theory]
    [InlineData("1", "+1", 250)]
    [InlineData("1", "<1", 250)]
    [InlineData("d", ".a", 250)]
    [InlineData("d", "[0]", 250)]
    [InlineData("d.a", " == d.a", 249)]
    [InlineData("size([1 + 1])", " - 1", 249)]
    public void Chains_are_limited(string first, string more, int most)
    {
        string Chain(int length) => first + string.Concat(Enumerable.Repeat(more, length));
        Assert.DoesNotContain("recursion", Expressions.Environment.Compile(Chain(most)).Issues?.ToString() ?? "", StringComparison.Ordinal);
        Assert.Equal("ERROR: <input>:-1:0: max recursion depth exceeded", Expressions.Issues(Chain(most + 1)));
    }

    [Fact]
    public void Of_many_issues_a_hundred_are_shown()
    {
        var issues = Expressions.Issues(string.Join(" || ", Enumerable.Range(0, 130).Select(i => $"x{i}"))).Split('\n');
        Assert.Equal("30 more errors were truncated", issues[^1]);
        Assert.Equal(100, issues.Count(i => i.StartsWith("ERROR", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Deep))]
    public void Nesting_is_limited(string text) => Assert.Contains("expression recursion limit exceeded: 250", Expressions.Issues(text), StringComparison.Ordinal);

    [Fact]
    public void Long_chains_of_one_logical_operator_stay_shallow() =>
        Assert.Equal("true", Expressions.Run(string.Join("&&", Enumerable.Repeat("b", 20_000))).Value.ToString());

    [Theory]
    [InlineData("'%d'.format(['a'])", 14, "error during formatting: decimal clause can only be used on integers, was given string")]
    [InlineData("'%f'.format([1])", 14, "error during formatting: fixed-point clause can only be used on doubles, was given int")]
    [InlineData("'%d %d'.format([1])", 15, "index 1 out of range")]
    [InlineData("'%d'.format([1, 2])", 12, "too many arguments supplied to string.format (expected 1, got 2)")]
    [InlineData("'%z'.format([1])", 12, "could not parse formatting clause: unrecognized formatting clause \"z\"")]
    public void Constant_formats_are_checked(string text, int column, string message) =>
        Assert.StartsWith($"ERROR: <input>:1:{column}: {message}\n", Expressions.Issues(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("1 == 1", "bool")]
    [InlineData("list.map(x, string(x))", "list(string)")]
    [InlineData("d.a", "dyn")]
    [InlineData("[]", "list(dyn)")]
    [InlineData("{'a': [1u]}", "map(string, list(uint))")]
    [InlineData("person.friend.?name", "optional_type(string)")]
    [InlineData("true ? [] : [1]", "list(int)")]
    [InlineData("timestamp('2024-01-01T00:00:00Z') - timestamp('2023-01-01T00:00:00Z')", "duration")]
    [InlineData("null", "null")]
    [InlineData("type(1)", "type(int)")]
    public void Output_type_is_known(string text, string type) => Assert.Equal(type, Expressions.Program(text).OutputType.ToString());

    [Theory]
    [InlineData(27, "optional.of(1)", false)]
    [InlineData(28, "optional.of(1).hasValue()", true)]
    [InlineData(27, "d.?a", false)]
    [InlineData(28, "'%d'.format([1])", false)]
    [InlineData(29, "'%d'.format([1])", true)]
    [InlineData(31, "[1].all(i, v, v > i)", false)]
    [InlineData(32, "[1].all(i, v, v > i)", true)]
    [InlineData(28, "duration('x')", true)]
    [InlineData(32, "isSemver('1.0.0')", false)]
    [InlineData(33, "isSemver('1.0.0')", true)]
    [InlineData(33, "[2, 1].sortBy(e, e) == [2, 1].sort()", false)]
    [InlineData(34, "[2, 1].sortBy(e, e) == [2, 1].sort()", true)]
    [InlineData(29, "isIP('')", false)]
    [InlineData(30, "isIP('') && isCIDR('')", true)]
    [InlineData(28, "sets.contains([1], [1])", false)]
    public void Releases_have_their_own_language(int minor, string text, bool compiles) =>
        Assert.Equal(compiles, CelKubernetes.Environment(minor).Compile(text).Succeeded);

    [Fact]
    public void Broken_text_never_breaks_the_compiler()
    {
        const string Text = "has(d.a) && list.all(x, x in [1u, -2.5e3, 'é\\u00e9', b\"\\xff\"] ? {'a': Person{name: 's', ?age: d.?b}} : !map[?'k'].orValue(null)) || r'''x'''.size() >= 0x1F";
        for (var cut = 0; cut < Text.Length; cut++)
        {
            var compiled = Expressions.Environment.Compile(Text[..cut]);
            Assert.True(compiled.Succeeded || compiled.Issues.Items.Count > 0);
            _ = Expressions.Environment.Compile(Text[cut..]);
            _ = Expressions.Environment.Compile(Text.Remove(cut, 1));
        }
    }
}
