namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What the two rounds of the mutating phase know of each other. Source: k8s.io/apiserver, admission/plugin/webhook/mutating/reinvocationcontext.go.</summary>
internal sealed class Reinvocation
{
    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly HashSet<string> _again = new(StringComparer.Ordinal);

    /// <summary>Whether a webhook changed the object in the first round, so that there is a second.</summary>
    public bool IsNeeded { get; private set; }

    /// <summary>Whether this is the second round.</summary>
    public bool IsRunning { get; set; }

    /// <summary>The object as the webhooks of the first round left it.</summary>
    public byte[]? LastOutput { get; set; }

    /// <summary>A webhook changed the object: those called before it that want it are called again.</summary>
    public void Changed()
    {
        CallAgain();
        IsNeeded = true;
    }

    /// <summary>All webhooks called so far that want it are called again.</summary>
    public void CallAgain()
    {
        _again.UnionWith(_called);
        _called.Clear();
    }

    /// <summary>A webhook was called that wants to be called again after later changes.</summary>
    public void Called(string uid) => _called.Add(uid);

    /// <summary>Whether a webhook is called in this round. The second calls none for the first time.</summary>
    public bool Calls(string uid) => !IsRunning || _again.Contains(uid);
}
