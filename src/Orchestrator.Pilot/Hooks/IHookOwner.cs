namespace Orchestrator.Pilot.Hooks;

/// <summary>Whom a hook answers. Not called under the gate.</summary>
internal interface IHookOwner
{
    /// <summary>The answer to one result: JSON of tasks, or nothing.</summary>
    void Answered(HookResult result, string answer);

    void Warn(string text);
}
