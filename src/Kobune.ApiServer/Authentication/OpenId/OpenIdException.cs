namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>A token or its provider is not as it must be; the message is upstream's.</summary>
internal sealed class OpenIdException(string message) : Exception(message);
