namespace Orchestrator.Pilot.Journal;

/// <summary>The database cannot be used. What was reported before is in it.</summary>
internal sealed class JournalException(string message) : Exception(message);
