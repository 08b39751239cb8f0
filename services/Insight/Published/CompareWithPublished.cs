using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.Figures;
using BeschutWerk.Insight.Protection;
using BeschutWerk.Insight.Reading;

namespace BeschutWerk.Insight.Published;

/// <summary>Every published figure beside ours.</summary>
internal static class CompareWithPublished
{
    public static void CheckFields(CompareWithPublishedRequest request, FieldChecks checks) =>
        checks.Require(request.FigureId.Length == 0 || FigureRegistry.Find(request.FigureId) is not null, "figure_id", "Is no figure of this platform.");

    public static CompareWithPublishedResponse Run(
        CompareWithPublishedRequest request, ReadSession<InsightStore> session, SmallNumberSettings settings)
    {
        var reader = new FigureReader(session, settings, KnownAt.Of(request.KnownAt));
        var facts = session.Facts(reader.KnownAt);
        var ofNation = reader.WhyNotExact(FigureScope.Of(session, "", 0));
        var response = new CompareWithPublishedResponse { Revision = session.Revision() };
        foreach (var published in session.Store.PublishedFigures.OrderBy(row => row.PublishedFigureId))
        {
            if (request.FigureId.Length > 0 && request.FigureId != published.FigureId) continue;
            if (request.Origin != FigureOrigin.Unspecified && request.Origin != published.Origin) continue;
            if (published.Municipality.Length > 0 && !Readers.MayRead(session.Caller, published.Municipality)) continue;
            session.Cancel.ThrowIfCancellationRequested();
            response.Lines.Add(published.Municipality.Length == 0 && ofNation != Withheld.Unspecified
                ? new ComparedFigure { Published = published.ToMessage(), Withheld = ofNation }
                : Line(published, facts, session.Caller));
        }

        return response;
    }

    private static ComparedFigure Line(PublishedFigureRow published, FactSet facts, Caller caller)
    {
        var figure = FigureRegistry.Find(published.FigureId)
            ?? throw new InvalidOperationException($"{published.FigureId} was imported and is no figure any more.");
        var scoped = published.Municipality.Length == 0 ? facts : FigureScope.AsToldTo(caller, facts.Of(code => code == published.Municipality));
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
