using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>Somebody shares what works, or shares it again after remarks.</summary>
internal static class SubmitPractice
{
    public static void CheckFields(SubmitPracticeRequest request, FieldChecks checks) =>
        PersonalData.Check(checks, ("title", request.Title), ("summary", request.Summary), ("body", request.Body));

    public static SubmitPracticeResponse Run(SubmitPracticeRequest request, WriteSession<KnowledgeStore> session)
    {
        var submittedOn = request.SubmittedOn.ToDateOnly();
        var practice = request.PracticeId.Length == 0 ? New(session) : Own(request.PracticeId, submittedOn, session);

        (practice.Kind, practice.Theme) = (request.Kind, request.Theme);
        (practice.Title, practice.Summary, practice.Body) = (request.Title, request.Summary, request.Body);
        practice.State = PracticeState.Submitted;
        practice.SubmittedOn = submittedOn;
        practice.Version++;
        return new SubmitPracticeResponse { PracticeId = practice.PracticeId.Text(), State = practice.State, Version = practice.Version };
    }

    private static Practice New(WriteSession<KnowledgeStore> session)
    {
        var practice = new Practice { PracticeId = Ids.New(), Author = session.Caller.Actor, OrganisationId = session.Caller.OrganisationId };
        session.Store.Practices.Add(practice);
        return practice;
    }

    private static Practice Own(string practiceId, DateOnly submittedOn, WriteSession<KnowledgeStore> session)
    {
        var practice = Practice.Find(session.Store, practiceId, practice => practice.Author == session.Caller.Actor);
        PracticeRules.SubmitAgain(practice, submittedOn).OrThrow();
        return practice;
    }
}
