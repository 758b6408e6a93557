using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>One method of a service: its path and how its messages are parsed.</summary>
/// <param name="FullName">"package.Service/Method", as in the HTTP/2 path.</param>
/// <param name="RequestParser">Used by the server half.</param>
/// <param name="ResponseParser">Used by the client half.</param>
public sealed record GrpcMethod<TRequest, TResponse>(string FullName, MessageParser<TRequest> RequestParser, MessageParser<TResponse> ResponseParser)
    where TRequest : IMessage<TRequest>
    where TResponse : IMessage<TResponse>;
