using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Cli.Tests.Forecasting;

public sealed class ForecastCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Each_series_of_the_table_gets_a_forecast_with_intervals()
    {
        var (status, output, error) = await CommandLine.RunAsync("forecast", Months(), "--time", "month", "--value", "hours", "--by", "machine", "--step", "month", "--horizon", "6", "--json");

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        using var json = JsonDocument.Parse(output);
        var series = json.RootElement.GetProperty("series").EnumerateArray().ToArray();
        series.Select(static each => each.GetProperty("name").GetString()).ShouldBe(["a", "b"]);
        series.ShouldAllBe(static each => each.GetProperty("points").GetArrayLength() == 6 && each.GetProperty("total").GetProperty("lower").GetDouble() <= each.GetProperty("total").GetProperty("value").GetDouble());
        series[0].GetProperty("points")[0].GetProperty("time").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2023, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_backtest_tells_errors_coverage_and_method_of_each_series()
    {
        var (status, output, error) = await CommandLine.RunAsync("forecast", Months(), "--time", "month", "--value", "hours", "--by", "machine", "--step", "month", "--horizon", "6", "--backtest", "--json");

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        using var json = JsonDocument.Parse(output);
        var a = json.RootElement.GetProperty("series")[0];
        a.GetProperty("origins").GetInt32().ShouldBe(36 - 12 - 6 + 1);
        a.GetProperty("mape").GetDouble().ShouldBeInRange(0, 0.2);
        a.GetProperty("totalError").GetDouble().ShouldBeInRange(0, 0.2);
        a.GetProperty("coverage").GetDouble().ShouldBeInRange(0.5, 1);
        a.GetProperty("method").GetString().ShouldNotBeEmpty();
        json.RootElement.GetProperty("summary").GetProperty("pairs").GetInt32().ShouldBe(38);
    }

    [Fact]
    public async Task For_people_there_is_a_table()
    {
        var (status, output, _) = await CommandLine.RunAsync("forecast", Months(), "--time", "month", "--value", "hours", "--by", "machine", "--step", "month", "--horizon", "2");

        status.ShouldBe(0);
        output.ShouldContain("a: ");
        output.ShouldContain("2023-01");
        output.ShouldContain("total");
    }

    [Fact]
    public async Task Wrong_columns_exit_2_and_name_what_there_is()
    {
        var (status, output, error) = await CommandLine.RunAsync("forecast", Months(), "--time", "day", "--value", "hours", "--step", "month", "--horizon", "2");

        status.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("there is no column 'day' (--time); allowed: machine, month, hours");
    }

    [Theory]
    [InlineData("--horizon", "0", "--horizon must be a whole number from 1.")]
    [InlineData("--horizon", "100", "allowed: 1 to 60")]
    [InlineData("--method", "oracle", "there is no method 'oracle'")]
    public async Task Wrong_options_exit_2_and_say_what_is_allowed(string option, string value, string expected)
    {
        string[] plain = ["forecast", Months(), "--time", "month", "--value", "hours", "--step", "month"];

        var (status, _, error) = await CommandLine.RunAsync([.. plain, .. option == "--horizon" ? [] : new[] { "--horizon", "2" }, option, value]);

        status.ShouldBe(2);
        error.ShouldContain(expected);
    }

    private string Months()
    {
        var random = new Random(3);
        var text = new StringBuilder("machine,month,hours\n");
        foreach (var machine in (string[])["b", "a"])
        {
            for (var month = 0; month < 36; month++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{machine},{2020 + (month / 12)}-{(month % 12) + 1:00},{1000 + (random.NextDouble() * 100):0.0}\n");
            }
        }

        var path = Path.Combine(folder.FullName, "months.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
