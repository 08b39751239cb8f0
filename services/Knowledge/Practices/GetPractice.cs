using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Knowledge;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>One practice; before publication only for its author's organisation and Cedris.</summary>
internal static class GetPractice
{
    public static GetPracticeResponse Run(GetPracticeRequest request, ReadSession<KnowledgeStore> session)
    {
        var practice = Practice.Find(session.Store, request.PracticeId, found => found.State == PracticeState.Published || found.IsKnownTo(session.Caller));
        return new GetPracticeResponse
        {
            Practice = new Contracts.Knowledge.Practice
            {
                PracticeId = practice.PracticeId.Text(),
                Kind = practice.Kind,
                Theme = practice.Theme,
                Title = practice.Title,
                Summary = practice.Summary,
                Body = practice.Body,
                OrganisationId = practice.OrganisationId,
                State = practice.State,
                SubmittedOn = practice.SubmittedOn.ToDate(),
                ReviewedOn = practice.ReviewedOn.ToDate(),
                Remarks = practice.IsKnownTo(session.Caller) ? practice.Remarks : "",
                PublishedOn = practice.PublishedOn.ToDate(),
                Version = practice.Version,
            },
        };
    }
}
