-- A store as version 1 of the schema left it: one queued run of ada's.
BEGIN TRANSACTION;
CREATE TABLE artifacts (
	run_id VARCHAR(32) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE frames (
	run_id VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE inversion_schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "inversion_schema" VALUES(1);
CREATE TABLE owners (
	run_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	joined FLOAT NOT NULL, 
	PRIMARY KEY (run_id, owner), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "owners" VALUES('6774a934166bab8f0e3d5ab83424e652','ada',1.7955020703825960159e+09);
CREATE TABLE points (
	run_id VARCHAR(32) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, phase, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	slot VARCHAR(64), 
	scenario TEXT NOT NULL, 
	attack VARCHAR(64) NOT NULL, 
	target VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	rank INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	loss FLOAT, 
	note TEXT NOT NULL, 
	error TEXT NOT NULL, 
	log TEXT NOT NULL, 
	result TEXT, 
	attempt INTEGER NOT NULL, 
	losses INTEGER NOT NULL, 
	worker VARCHAR(255) NOT NULL, 
	cancelled FLOAT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	phase_started FLOAT, 
	finished FLOAT, 
	heartbeat FLOAT, 
	label TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slot)
);
INSERT INTO "runs" VALUES('6774a934166bab8f0e3d5ab83424e652','bbfc9bdff898849731d727ed4f0cb0d4b93378a2ad5c4384fe89cfcd255ad073','bbfc9bdff898849731d727ed4f0cb0d4b93378a2ad5c4384fe89cfcd255ad073','{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null},"attack":{"name":"mi-face","params":{}},"victims":[0],"seed":0}','mi-face','softmax','ada',0,'queued','',0,0,NULL,'','','',NULL,0,0,'',NULL,1.7955020703825960159e+09,NULL,NULL,NULL,NULL,'');
CREATE INDEX queue_order ON runs (state, rank, created);
CREATE INDEX history ON runs (attack, target, state, finished);
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX ix_runs_created ON runs (created);
CREATE INDEX ix_runs_key ON runs ("key");
CREATE INDEX ix_runs_owner ON runs (owner);
CREATE INDEX ix_owners_owner ON owners (owner);
CREATE INDEX ix_frames_sha256 ON frames (sha256);
CREATE INDEX ix_artifacts_sha256 ON artifacts (sha256);
COMMIT;
