using Kobune.ApiServer.Fields;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>
/// What the two rounds of the mutating phase know of each other: of the webhooks, or of the policies, which are told apart by a key. Source: k8s.io/apiserver,
/// admission/plugin/webhook/mutating/reinvocationcontext.go and policy/mutating/reinvocationcontext.go.
/// </summary>
internal sealed class Reinvocation
{
    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly HashSet<string> _again = new(StringComparer.Ordinal);

    private byte[]? _lastOutput;

    /// <summary>Whether one of them changed the object in the first round, so that there is a second.</summary>
    public bool IsNeeded { get; private set; }

    /// <summary>Whether this is the second round.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Begins a round: when something else changed the object in between, all that want it are called again.</summary>
    public void Begin(AdmissionRequest request)
    {
        if (IsRunning && !_lastOutput.AsSpan().SequenceEqual(Bytes(request)))
        {
            CallAgain();
        }
    }

    /// <summary>Ends a round.</summary>
    public void End(AdmissionRequest request)
    {
        if (!IsRunning)
        {
            _lastOutput = Bytes(request);
        }
    }

    /// <summary>One changed the object: those called before it that want it are called again.</summary>
    public void Changed()
    {
        CallAgain();
        IsNeeded = true;
    }

    /// <summary>One was called that wants to be called again after later changes.</summary>
    public void Called(string key) => _called.Add(key);

    /// <summary>Whether one is called in this round. The second calls none for the first time.</summary>
    public bool Calls(string key) => !IsRunning || _again.Contains(key);

    /// <summary>All that were called so far and want it are called again.</summary>
    private void CallAgain()
    {
        _again.UnionWith(_called);
        _called.Clear();
    }

    private static byte[] Bytes(AdmissionRequest request) => request.Object is { } obj ? FieldJson.Write(obj) : [];
}
