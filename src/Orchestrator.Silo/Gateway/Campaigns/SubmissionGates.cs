namespace Orchestrator.Silo.Gateway.Campaigns;

/// <summary>
/// What is counted before new work is accepted still holds when it is: checks and acceptance go one after the other through a gate, for all work where a maximum of live simulations is set, and else for the
/// campaigns of one name. It is a gate of one silo: two that submit at the same moment through different silos may together go beyond a maximum.
/// </summary>
internal sealed class SubmissionGates(bool isOne)
{
    private const int GatesMax = 64;

    private readonly SemaphoreSlim[] gates = [.. Enumerable.Range(0, isOne ? 1 : GatesMax).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>What <paramref name="submit"/> gives, which runs alone behind the gate of the campaign.</summary>
    public async Task<T> RunAsync<T>(string campaign, Func<Task<T>> submit)
    {
        var gate = gates[(int)((uint)campaign.GetHashCode(StringComparison.Ordinal) % (uint)gates.Length)];
        await gate.WaitAsync();
        try
        {
            return await submit();
        }
        finally
        {
            gate.Release();
        }
    }
}
