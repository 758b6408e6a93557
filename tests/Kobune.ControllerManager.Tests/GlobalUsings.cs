// The meta group's empty Patch type has no use in controllers; the client's has. Preconditions of pods/binding are not those of deletes.
global using Patch = Kobune.Client.Patch;
global using Preconditions = Kobune.Api.Meta.V1.Preconditions;
