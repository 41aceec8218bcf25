namespace Orchestrator.Pilot.Journal;

/// <summary>Tasks that came together, numbered from the first: a JSON list.</summary>
internal sealed record Submission(int First, int Count, byte[] Tasks);
