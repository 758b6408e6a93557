using Kobune.Cli.Images;

namespace Kobune.Cli.Tests.Images;

public class BuildBasesTests
{
    public static TheoryData<string, string, string[]> Cases => new()
    {
        { "one base", "FROM alpine:3", ["alpine:3"] },
        { "stages are no images", "FROM golang:1 AS build\nFROM build\nCOPY --from=0 /a /b\nCOPY --from=build /a /b", ["golang:1"] },
        { "scratch is nothing", "FROM scratch", [] },
        { "a platform is not the image", "FROM --platform=linux/amd64 alpine", ["alpine"] },
        { "an argument's default", "ARG TAG=3.1\nFROM alpine:${TAG}", ["alpine:3.1"] },
        { "an argument that was given", "ARG GIVEN=1\nFROM alpine:$GIVEN", ["alpine:9"] },
        { "an argument from another", "ARG A=alpine\nARG B=$A:2\nFROM $B", ["alpine:2"] },
        { "a default in its place", "ARG X\nFROM ${X:-alpine}", ["alpine"] },
        { "an alternative in its place", "ARG X=1\nFROM alpine${X:+:edge}", ["alpine:edge"] },
        { "copied from an image", "FROM scratch\nCOPY --chown=1 --from=busybox:1 /bin /bin", ["busybox:1"] },
        { "mounted from an image", "FROM scratch\nRUN --mount=type=bind,from=tools:2,target=/t true", ["tools:2"] },
        { "a build context is none", "FROM scratch\nCOPY --from=named / /", [] },
        { "comments and joined lines", "# FROM no\nFROM \\\n# in between\n  alpine:1 \\\n  AS x", ["alpine:1"] },
        { "letters of any size", "from alpine as A\nFROM a", ["alpine"] },
        { "each once", "FROM a:1\nFROM a:1", ["a:1"] },
        { "a later argument does not count", "FROM alpine\nARG alpine=1\nFROM ${alpine:-debian}", ["alpine", "debian"] },
        { "nothing", "", [] },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Of(string name, string dockerfile, string[] expected) =>
        Assert.True(expected.SequenceEqual(BuildBases.Of(dockerfile, new Dictionary<string, string> { ["GIVEN"] = "9" }, ["named"])), name);
}
