using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;

namespace BeschutWerk.Insight.Reading;

/// <summary>One figure over time, for a whole or split up.</summary>
internal static class GetSeries
{
    private const int MostValues = 20_000;

    private sealed record Line(string Code, string Name, FactSet Facts);

    public static GetSeriesResponse Run(GetSeriesRequest request, ReadSession<InsightStore> session)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var (from, to) = (request.PeriodFrom.ToDateOnly(), request.PeriodTo.ToDateOnly());
        var byRequester = request.Breakdown == Breakdown.Requester || request.Requester != Requester.Unspecified;
        var checks = new FieldChecks();
        checks.Require(from <= to, "period_to", "Lies before period_from.");
        checks.Require(!byRequester || figure.ByRequester, request.Breakdown == Breakdown.Requester ? "breakdown" : "requester", $"{figure.Id} is not told per requester.");
        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
        var knownAt = KnownAt.Of(request.KnownAt, checks);
        checks.ThrowIfAny();

        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        var lines = Lines(request.Breakdown, scope, scope.Facts(session, knownAt, request.Requester), session);
        var steps = Steps.Of(request.Step, from, to).Take(MostValues + 1).ToList();
        checks.Require((long)lines.Count * steps.Count <= MostValues, "period_to", $"Asks for more than {MostValues} values.");
        checks.ThrowIfAny();
        return new GetSeriesResponse
        {
            Definition = FigureMessages.Definition(figure),
            Lines = { lines.Select(line => ToMessage(line, figure, steps)) },
            Revision = session.Revision(),
        };
    }

    private static List<Line> Lines(Breakdown breakdown, FigureScope scope, FactSet facts, ReadSession<InsightStore> session)
    {
        switch (breakdown)
        {
            case Breakdown.Nation:
                return [new Line(scope.Code, scope.Name, facts)];
            case Breakdown.Requester:
                return
                [
                    new Line("CITIZEN", "Burgers", facts.AskedBy(Requester.Citizen)),
                    new Line("MUNICIPALITY", "Gemeenten", facts.AskedBy(Requester.Municipality)),
                ];
            case Breakdown.LabourMarketRegion:
                var regionOf = facts.SplitBy(code => scope.Municipalities.TryGetValue(code, out var row) ? $"{row.LabourMarketRegion}" : "");
                return [.. scope.Municipalities.Values.GroupBy(row => row.LabourMarketRegion).OrderBy(region => region.Key)
                    .Select(region => new Line($"{region.Key}", region.First().LabourMarketRegionName, regionOf($"{region.Key}")))];
            case Breakdown.Municipality:
                if (session.Caller.Is(OrganisationKind.SwCompany))
                {
                    throw Refusal.Of(ErrorReason.KindNotAllowed, "A sw-company reads figures of the nation and of regions.").ToException();
                }

                var factsOf = facts.SplitBy(code => code);
                return [.. scope.Municipalities.Values.Where(row => Readers.MayRead(session.Caller, row.Municipality)).OrderBy(row => row.Municipality, StringComparer.Ordinal)
                    .Select(row => new Line(row.Municipality, row.Name, factsOf(row.Municipality)))];
            default:
                throw new ArgumentOutOfRangeException(nameof(breakdown), breakdown, "No such breakdown.");
        }
    }

    private static SeriesLine ToMessage(Line line, Figure figure, List<(DateOnly From, DateOnly To)> steps) => new()
    {
        Code = line.Code,
        Name = line.Name,
        Points =
        {
            steps.Select(step => new SeriesPoint
            {
                PeriodFrom = step.From.ToDate(),
                PeriodTo = step.To.ToDate(),
                Value = FigureMessages.Value(figure.Compute!(line.Facts, figure.Kind == FigureKind.Period ? new Moment(step.From, step.To) : new Moment(Peildatum: step.To)).Value, figure.Unit),
            }),
        },
    };
}
