namespace Kobune.ControllerManager.NodeTtl;

/// <summary>Seconds by the number of nodes. The steps overlap, so that a node that comes and goes changes nothing. Source: pkg/controller/ttl/ttl_controller.go.</summary>
internal sealed class NodeTtlPlan
{
    private static readonly (int Fewest, int Most, int Seconds)[] Steps =
        [(0, 100, 0), (90, 500, 15), (450, 1000, 30), (900, 2000, 60), (1800, 10000, 300), (9000, int.MaxValue, 600)];

    private readonly Lock _lock = new();
    private int _nodes;
    private int _step;

    public int Seconds
    {
        get
        {
            lock (_lock)
            {
                return Steps[_step].Seconds;
            }
        }
    }

    /// <summary>A node came, or went.</summary>
    public void Counted(bool came)
    {
        lock (_lock)
        {
            _nodes += came ? 1 : -1;
            if (_nodes > Steps[_step].Most)
            {
                _step++;
            }
            else if (_nodes < Steps[_step].Fewest)
            {
                _step--;
            }
        }
    }
}
