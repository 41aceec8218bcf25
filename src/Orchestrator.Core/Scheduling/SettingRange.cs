using System.Globalization;

namespace Orchestrator.Core.Scheduling;

/// <summary>From which number to which a setting may be; <paramref name="AboveMin"/>: the least one is not allowed itself.</summary>
public readonly record struct SettingRange(double Min, double Max, bool AboveMin)
{
    public bool Holds(double number) => (AboveMin ? number > Min : number >= Min) && number <= Max;

    public override string ToString() =>
        AboveMin ? string.Create(CultureInfo.InvariantCulture, $"above {Min}, at most {Max}") : string.Create(CultureInfo.InvariantCulture, $"from {Min} to {Max}");
}
