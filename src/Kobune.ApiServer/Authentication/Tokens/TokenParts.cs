namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>A JSON web token, taken apart; nothing of it is verified.</summary>
/// <param name="Algorithm">The header's "alg".</param>
/// <param name="KeyId">The header's "kid"; null for none.</param>
/// <param name="Payload">The claims.</param>
/// <param name="Signed">What the signature covers.</param>
/// <param name="Signature">The signature.</param>
internal sealed record TokenParts(string Algorithm, string? KeyId, byte[] Payload, byte[] Signed, byte[] Signature);
