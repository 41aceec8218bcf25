namespace Orchestrator.Core.Failures;

/// <summary>
/// Tells a node that others use from one whose own work is slow. Both must hold for a while: much of its cores is busy with what is not its own, and its work gets on much slower than it
/// did. It is held in memory; what is stored is only what follows from it.
/// </summary>
public sealed record ContentionWatch
{
    /// <summary>From this part of the cores on others are in the way.</summary>
    public const double ForeignMin = 0.25;

    /// <summary>Work that gets on at less than this part of its usual pace is slowed down.</summary>
    public const double PaceMax = 0.7;

    /// <summary>It must be so for so long.</summary>
    public static readonly TimeSpan For = TimeSpan.FromSeconds(20);

    /// <summary>And be over for so long.</summary>
    public static readonly TimeSpan OverFor = TimeSpan.FromSeconds(60);

    public static ContentionWatch None { get; } = new();

    /// <summary>Since when others slow it down; null: they do not.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Since when they do no longer; null: they do, or never did.</summary>
    public DateTimeOffset? QuietSince { get; init; }

    /// <param name="foreignLoad">0 to 1 of its cores, busy with what is not its own.</param>
    /// <param name="pace">How fast the slowest of its attempts gets on, beside how it usually does; null: nothing is known.</param>
    /// <param name="now">When this was seen.</param>
    public ContentionWatch After(double foreignLoad, double? pace, DateTimeOffset now) => foreignLoad >= ForeignMin && pace <= PaceMax
        ? new() { Since = Since ?? now }
        : foreignLoad < ForeignMin || pace is null
            // Where nothing of ours runs nobody is in its way; whether others are will show with the next work.
            ? new() { QuietSince = QuietSince ?? now }
            // Others are there, but nothing is slower for it: neither a reason to begin nor to end.
            : new() { QuietSince = QuietSince, Since = null };

    public bool IsContended(DateTimeOffset now) => now - Since >= For;

    public bool IsOver(DateTimeOffset now) => now - QuietSince >= OverFor;
}
