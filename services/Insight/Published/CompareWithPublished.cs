using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Reading;

namespace BeschutWerk.Insight.Published;

/// <summary>Every published figure beside ours.</summary>
internal static class CompareWithPublished
{
    public static CompareWithPublishedResponse Run(CompareWithPublishedRequest request, ReadSession<InsightStore> session)
    {
        var checks = new FieldChecks();
        checks.Require(request.FigureId.Length == 0 || FigureRegistry.Find(request.FigureId) is not null, "figure_id", "Is no figure of this platform.");
        var knownAt = KnownAt.Of(request.KnownAt, checks);
        checks.ThrowIfAny();

        var facts = session.Facts(knownAt);
        var response = new CompareWithPublishedResponse { Revision = session.Revision() };
        foreach (var published in session.Store.PublishedFigures.OrderBy(row => row.PublishedFigureId))
        {
            if (request.FigureId.Length > 0 && request.FigureId != published.FigureId) continue;
            if (request.Origin != FigureOrigin.Unspecified && request.Origin != published.Origin) continue;
            if (published.Municipality.Length > 0 && !Readers.MayRead(session.Caller, published.Municipality)) continue;
            response.Lines.Add(Line(published, facts));
        }

        return response;
    }

    private static ComparedFigure Line(PublishedFigureRow published, FactSet facts)
    {
        var figure = FigureRegistry.Find(published.FigureId)
            ?? throw new InvalidOperationException($"{published.FigureId} was imported and is no figure any more.");
        var scoped = published.Municipality.Length == 0 ? facts : facts.Of(code => code == published.Municipality);
        var comparison = Comparison.Of(figure, published, scoped.AskedBy(published.Requester));
        return new ComparedFigure
        {
            Published = published.ToMessage(),
            Ours = FigureMessages.Value(comparison.Ours, figure.Unit, published.Unit),
            OursRounded = comparison.Rounded,
            Equal = comparison.IsEqual,
            RestsOnSyntheticNumbers = comparison.RestsOnSynthetic,
        };
    }
}
