using System.Globalization;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.Reference;
using Spectre.Console;

namespace BeschutWerk.Host.Demo.Report;

/// <summary>Published figures beside those that Insight computes from events.</summary>
internal sealed class FigureTable(ReferenceData reference, Parties parties)
{
    private readonly Dictionary<string, string> _names = reference.Municipalities.ToDictionary(m => m.Code, m => m.Name);

    /// <summary>Prints a line per figure.</summary>
    /// <returns>Whether there are lines, and all are equal.</returns>
    public async Task<bool> PrintAsync(IAnsiConsole console, CancellationToken cancel)
    {
        var comparison = await new FigureService.FigureServiceClient(parties.Ministry).CompareWithPublishedAsync(new(), cancellationToken: cancel);
        var table = new Table().AddColumns(
            new TableColumn("figure"), new TableColumn("letter").RightAligned(), new TableColumn("platform").RightAligned(),
            new TableColumn("equal"), new TableColumn("not rounded").RightAligned(), new TableColumn("published in"));
        foreach (var line in comparison.Lines)
        {
            var unit = line.Published.Unit switch
            {
                FigureUnit.Percent => "%",
                FigureUnit.Months => " months",
                _ => "",
            };
            table.AddRow(
                Markup.Escape(Describe(line.Published)),
                Markup.Escape(Grouped(line.Published.Value) + unit),
                Markup.Escape(line.OursRounded.Length == 0 ? "none" : Grouped(line.OursRounded) + unit),
                line.Equal ? "[green]yes[/]" : "[red]NO[/]",
                Markup.Escape(line.Ours is { } ours ? Exact(ours) : ""),
                line.Published.Origin.ToString().ToLowerInvariant());
        }

        console.Write(table);
        console.WriteLine($"Computed by Insight from {comparison.Revision.ToString("N0", CultureInfo.InvariantCulture)} events.");
        return comparison.Lines.Count > 0 && comparison.Lines.All(line => line.Equal);
    }

    private string Describe(PublishedFigure figure)
    {
        var text = figure.FigureId.Replace('_', ' ').Replace("31h", "of 31 hours", StringComparison.Ordinal);
        if (figure.Requester != Requester.Unspecified) text += figure.Requester == Requester.Citizen ? " by citizens" : " by municipalities";
        if (figure.Municipality.Length > 0) text += $", {_names.GetValueOrDefault(figure.Municipality, figure.Municipality)}";
        text += ", " + When(figure);
        return figure.Scenario == Scenario.RepeatQuarter ? text + " if the first quarter repeats" : text;
    }

    private static string When(PublishedFigure figure)
    {
        var (from, to, on) = (figure.PeriodFrom.ToDateOnlyOrNull(), figure.PeriodTo.ToDateOnlyOrNull(), figure.Peildatum.ToDateOnlyOrNull());
        if (on is { } day) return to is { } cohort ? $"advised up to {Day(cohort)}, on {Day(day)}" : $"on {Day(day)}";
        return from is { } first && to is { } last ? Period(first, last) : "";
    }

    private static string Period(DateOnly first, DateOnly last) =>
        first == new DateOnly(last.Year, 1, 1) && last == new DateOnly(last.Year, 12, 31) ? $"{last.Year}"
        : first.AddMonths(3).AddDays(-1) == last && first.Day == 1 ? $"quarter {(first.Month + 2) / 3} of {first.Year}"
        : $"{Day(first)} to {Day(last)}";

    private static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    private static string Grouped(string value) => decimal.Parse(value, CultureInfo.InvariantCulture).ToString("#,0.###", CultureInfo.InvariantCulture);

    private static string Exact(FigureValue value) =>
        decimal.Parse(value.Decimal, CultureInfo.InvariantCulture).ToString("#,0.##", CultureInfo.InvariantCulture);
}
