namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>A method whose parameters are chosen. It may be asked after any history of the series, so that its errors can be measured without choosing again.</summary>
internal interface IFittedMethod
{
    /// <summary>The values that follow the history, one for each place.</summary>
    void Forecast(ReadOnlySpan<double> history, Span<double> forecast);
}
