using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission;

/// <summary>A plugin that must know which resource a kind is: it is given the registry before the first request.</summary>
internal interface IRegistryAdmission : IAdmissionPlugin
{
    /// <summary>Called once, when the server is put together.</summary>
    void Attach(ResourceRegistry registry);
}
