using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Usage;

/// <summary>
/// Use by whom and by what, over time. Whoever adds a record sees to it that each is added once; the same records in any order give the same book, as long as none is older than what is kept finely.
/// Bounded, since it is part of an account's state: only the total has minutes, hours and years of days; of simulations, stages, tasks and nodes only the newest are told apart, by month, and what the others used
/// is under <see cref="Others"/>, so that every dimension adds up. What an attempt used on several nodes counts on each in equal parts.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-book")]
public sealed record UsageBook
{
    /// <summary>So many of a dimension that has no natural end are told apart.</summary>
    public const int NamesMax = 100;

    /// <summary>The name of all that are not told apart any more.</summary>
    public const string Others = "(others)";

    /// <summary>Days that are kept of users, projects and institutions.</summary>
    public const int DaysMax = 92;

    public static UsageBook Empty { get; } = new();

    /// <summary>By the name of the dimension (<see cref="NameOf"/>), then name; the total has the name "".</summary>
    [Id(0)] public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, UsageSeries>> Series { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, UsageSeries>>.Empty;

    /// <summary>As it is stored and as users name it.</summary>
    public static string NameOf(UsageDimension dimension) => dimension switch
    {
        UsageDimension.Total => "total",
        UsageDimension.Institution => "institution",
        UsageDimension.Project => "project",
        UsageDimension.User => "user",
        UsageDimension.Simulation => "simulation",
        UsageDimension.Stage => "stage",
        UsageDimension.Task => "task",
        UsageDimension.Node => "node",
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "allowed: total, institution, project, user, simulation, stage, task, node"),
    };

    /// <summary>With what one more attempt used.</summary>
    public UsageBook With(UsageRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var book = Add(this, UsageDimension.Total, "", record, SeriesStep.Minute);
        book = Add(book, UsageDimension.Institution, record.Institution, record, SeriesStep.Day);
        book = Add(book, UsageDimension.Project, record.Project, record, SeriesStep.Day);
        book = Add(book, UsageDimension.User, record.User, record, SeriesStep.Day);
        foreach (var own in record.ByNode())
        {
            book = Add(book, UsageDimension.Node, own.Node, own, SeriesStep.Month);
        }

        book = Add(book, UsageDimension.Simulation, record.Simulation, record, SeriesStep.Month);
        book = Add(book, UsageDimension.Stage, UsageNames.Of(record, UsageDimension.Stage), record, SeriesStep.Month);
        return Add(book, UsageDimension.Task, record.Task, record, SeriesStep.Month);
    }

    /// <summary>What each of a dimension used, by steps.</summary>
    /// <param name="dimension">By what use is told apart.</param>
    /// <param name="step">Spacing.</param>
    /// <param name="from">Not before the step in which this lies; null: all.</param>
    /// <param name="until">Before this; null: all.</param>
    public ImmutableArray<UsageRow> Rows(UsageDimension dimension, SeriesStep step, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var rows = ImmutableArray.CreateBuilder<UsageRow>();
        foreach (var (name, series) in Series.GetValueOrDefault(NameOf(dimension)) ?? ImmutableSortedDictionary<string, UsageSeries>.Empty)
        {
            foreach (var (index, amounts) in series.By(step))
            {
                var start = SeriesCalendar.StartOf(index, step);
                if ((from is null || SeriesCalendar.StartOf(index + 1, step) > from) && (until is null || start < until))
                {
                    rows.Add(new UsageRow { Name = name, Start = start, Amounts = amounts });
                }
            }
        }

        return rows.ToImmutable();
    }

    /// <summary>What each of a dimension used altogether.</summary>
    public ImmutableSortedDictionary<string, UsageAmounts> Totals(UsageDimension dimension) =>
        (Series.GetValueOrDefault(NameOf(dimension)) ?? ImmutableSortedDictionary<string, UsageSeries>.Empty).ToImmutableSortedDictionary(static each => each.Key, static each => each.Value.Total, StringComparer.Ordinal);

    private static UsageBook Add(UsageBook book, UsageDimension dimension, string name, UsageRecord record, SeriesStep finest)
    {
        if (name.Length == 0 && dimension != UsageDimension.Total)
        {
            return book;
        }

        var names = book.Series.GetValueOrDefault(NameOf(dimension)) ?? ImmutableSortedDictionary<string, UsageSeries>.Empty;
        names = names.SetItem(name, (names.GetValueOrDefault(name) ?? UsageSeries.Empty).With(record.From, record.Until, record.Amounts, finest, dimension == UsageDimension.Total ? UsageSeries.DaysMax : DaysMax));
        if (dimension >= UsageDimension.Simulation && names.Count - (names.ContainsKey(Others) ? 1 : 0) > NamesMax)
        {
            var oldest = names.Where(static each => each.Key != Others).MinBy(static each => (each.Value.Newest, each.Key));
            names = names.Remove(oldest.Key).SetItem(Others, (names.GetValueOrDefault(Others) ?? UsageSeries.Empty).With(oldest.Value));
        }

        return book with { Series = book.Series.SetItem(NameOf(dimension), names) };
    }
}
