namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>A window after an input: the same instance when nothing changed.</summary>
/// <param name="Window">After the input.</param>
/// <param name="Refusal">Why nothing changed, when it was asked for; null: it was done, or was so already.</param>
public readonly record struct WindowStep(MaintenanceWindow Window, ArrangementRefusal? Refusal = null);
