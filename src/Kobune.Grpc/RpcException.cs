namespace Kobune.Grpc;

/// <summary>A call that ended with another status than OK, in the server's words, or with Unavailable when the server could not be reached.</summary>
public sealed class RpcException : Exception
{
    /// <summary>Makes the exception of one status.</summary>
    public RpcException(StatusCode statusCode, string detail, Exception? cause = null)
        : base($"rpc error: code = {statusCode} desc = {detail}", cause)
    {
        StatusCode = statusCode;
        Detail = detail;
    }

    /// <summary>The code of the grpc-status trailer.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The text of the grpc-message trailer, decoded.</summary>
    public string Detail { get; }
}
