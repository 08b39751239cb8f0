using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;

namespace BeschutWerk.Insight.Reading;

/// <summary>One figure over time, for a whole or split up.</summary>
internal static class GetSeries
{
    private const int MostValues = 20_000;
    private const int MostYears = 50;

    private sealed record Line(string Code, string Name, FigureScope Scope, FactSet Facts, Requester Requester);

    public static void CheckFields(GetSeriesRequest request, FieldChecks checks)
    {
        var (from, to) = (request.PeriodFrom.ToDayOrNull(), request.PeriodTo.ToDayOrNull());
        checks.Require(!(from > to), "period_to", "Lies before period_from.");
        // Each step is computed from all facts.
        checks.Require(!(from?.AddYears(MostYears) <= to), "period_to", $"Lies {MostYears} years or more after period_from.");
        FigureScope.Check(request.Municipality, request.LabourMarketRegion, checks);
        if (FigureRegistry.Find(request.FigureId) is not { ByRequester: false } figure) return;
        checks.Require(request.Breakdown != Breakdown.Requester, "breakdown", $"{figure.Id} is not told per requester.");
        checks.Require(request.Breakdown == Breakdown.Requester || request.Requester == Requester.Unspecified, "requester", $"{figure.Id} is not told per requester.");
    }

    public static GetSeriesResponse Run(GetSeriesRequest request, ReadSession<InsightStore> session, SmallNumberSettings settings)
    {
        var figure = FigureScope.Figure(request.FigureId);
        var (from, to) = (request.PeriodFrom.ToDateOnly(), request.PeriodTo.ToDateOnly());
        var scope = FigureScope.Of(session, request.Municipality, request.LabourMarketRegion);
        var reader = new FigureReader(session, settings, KnownAt.Of(request.KnownAt));
        var lines = Lines(request.Breakdown, scope, scope.Facts(session, reader.KnownAt, request.Requester), request.Requester, session);
        var steps = Steps.Of(request.Step, from, to).Take(MostValues + 1).ToList();
        var checks = new FieldChecks();
        checks.Require((long)lines.Count * steps.Count <= MostValues, "period_to", $"Asks for more than {MostValues} values.");
        checks.ThrowIfAny();
        return new GetSeriesResponse
        {
            Definition = FigureMessages.Definition(figure),
            Lines = { lines.Select(line => ToMessage(line, figure, steps, reader)) },
            Revision = session.Revision(),
        };
    }

    private static List<Line> Lines(
        Breakdown breakdown, FigureScope scope, FactSet facts, Requester requester, ReadSession<InsightStore> session)
    {
        switch (breakdown)
        {
            case Breakdown.Nation:
                return [new Line(scope.Code, scope.Name, scope, facts, requester)];
            case Breakdown.Requester:
                return
                [
                    new Line("CITIZEN", "Burgers", scope, facts.AskedBy(Requester.Citizen), Requester.Citizen),
                    new Line("MUNICIPALITY", "Gemeenten", scope, facts.AskedBy(Requester.Municipality), Requester.Municipality),
                ];
            case Breakdown.LabourMarketRegion:
                var regionOf = FigureScope.AsToldTo(session.Caller, facts).SplitBy(code => scope.Municipalities.TryGetValue(code, out var row) ? $"{row.LabourMarketRegion}" : "");
                return [.. scope.Municipalities.Values.GroupBy(row => row.LabourMarketRegion).OrderBy(region => region.Key)
                    .Select(region => FigureScope.OfRegion(region.ToDictionary(row => row.Municipality)))
                    .Select(region => new Line(region.Code, region.Name, region, regionOf(region.Code), requester))];
            case Breakdown.Municipality:
                if (session.Caller.Is(OrganisationKind.SwCompany))
                {
                    throw Refusal.Of(ErrorReason.KindNotAllowed, "A sw-company reads figures of the nation and of regions.").ToException();
                }

                var factsOf = FigureScope.AsToldTo(session.Caller, facts).SplitBy(code => code);
                return [.. scope.Municipalities.Values.Where(row => Readers.MayRead(session.Caller, row.Municipality)).OrderBy(row => row.Municipality, StringComparer.Ordinal)
                    .Select(FigureScope.OfMunicipality)
                    .Select(own => new Line(own.Code, own.Name, own, factsOf(own.Code), requester))];
            default:
                throw new ArgumentOutOfRangeException(nameof(breakdown), breakdown, "No such breakdown.");
        }
    }

    private static SeriesLine ToMessage(Line line, Figure figure, List<(DateOnly From, DateOnly To)> steps, FigureReader reader) => new()
    {
        Code = line.Code,
        Name = line.Name,
        Points = { steps.Select(step => PointOf(line, figure, step.From, step.To, reader)) },
    };

    private static SeriesPoint PointOf(Line line, Figure figure, DateOnly from, DateOnly to, FigureReader reader)
    {
        var moment = figure.Kind == FigureKind.Period ? new Moment(from, to) : new Moment(Peildatum: to);
        var told = reader.Tell(figure, line.Scope, line.Facts, moment, line.Requester);
        return new SeriesPoint
        {
            PeriodFrom = from.ToDate(),
            PeriodTo = to.ToDate(),
            Value = FigureMessages.Value(told.Measure.Value, figure.Unit),
            Withheld = told.Withheld,
            ReleasedOn = told.ReleasedOn.ToDate(),
        };
    }
}
