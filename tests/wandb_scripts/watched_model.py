import torch
import wandb

with wandb.init(project="awesome-project", config={"lr": 0.1}) as run:
    model = torch.nn.Linear(4, 1)
    wandb.watch(model, log="all", log_freq=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=wandb.config.lr)
    for _ in range(3):
        loss = model(torch.ones(2, 4)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        wandb.log({"loss": loss})
    torch.save(model.state_dict(), "model.pt")
    wandb.save("model.pt")
