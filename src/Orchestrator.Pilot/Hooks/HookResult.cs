namespace Orchestrator.Pilot.Hooks;

/// <summary>One result that is to be answered.</summary>
internal sealed record HookResult(int Task, int Attempt, string Json);
