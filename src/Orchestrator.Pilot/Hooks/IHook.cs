namespace Orchestrator.Pilot.Hooks;

/// <summary>Gets results, and says which tasks come next. Every result is answered once, or given up with a warning.</summary>
internal interface IHook : IDisposable
{
    void Send(HookResult result);
}
