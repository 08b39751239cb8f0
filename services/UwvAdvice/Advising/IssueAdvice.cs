using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>UWV advises the college and, on a citizen's own request, the citizen.</summary>
internal static class IssueAdvice
{
    public static IssueAdviceResponse Run(IssueAdviceRequest request, WriteSession<UwvStore> session)
    {
        var dossier = Dossier.Find(session, Ids.Parse(request.AdviceRequestId)) ?? throw Refusal.NotFound("advice request").ToException();

        var assessment = View.Unseal(session.Persons, dossier);
        var issued = DossierRules.Issue(dossier, assessment, request.Verdict, request.Ground, request.IssuedOn.ToDateOnly()).OrThrow();
        dossier.Apply(issued);
        dossier.Save(session);
        session.Raise(issued, issued.AdviceRequestId);
        return new IssueAdviceResponse { State = dossier.State, Version = dossier.Version };
    }
}
