namespace Kobune.Ingress.Settings;

/// <summary>How an endpoint is spoken to.</summary>
internal enum BackendProtocol
{
    Http,
    Https,
    Grpc,
    Grpcs,
}
