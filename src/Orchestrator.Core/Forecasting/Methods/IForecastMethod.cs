namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>A way to carry a series on. The same history gives the same forecast.</summary>
internal interface IForecastMethod
{
    /// <summary>As users name it.</summary>
    string Name { get; }

    /// <summary>So many values it needs at least.</summary>
    int HistoryMin(SeriesShape shape);

    /// <summary>Chooses what the method can choose.</summary>
    IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape);
}
