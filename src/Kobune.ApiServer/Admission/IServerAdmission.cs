namespace Kobune.ApiServer.Admission;

/// <summary>A plugin that makes other objects: it is given the way into its server before the first request.</summary>
internal interface IServerAdmission : IAdmissionPlugin
{
    /// <summary>Called once, when the server is put together.</summary>
    void Attach(InProcessEndpoint endpoint);
}
